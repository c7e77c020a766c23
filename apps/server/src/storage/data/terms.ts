/** What a query can ask of a document: its top-level fields that hold a text, a number, true, false or null. */
import { createHash } from 'node:crypto';

export type Scalar = string | number | boolean | null;
export type Where = Readonly<Record<string, Scalar>>;

export function scalarFields(document: unknown): [field: string, value: Scalar][] {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return [];
  return Object.entries(document).filter((entry): entry is [string, Scalar] => isScalar(entry[1]));
}

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value !== 'object';
}

/**
 * 48 bits for a field and its value, of any length, in one collection. JSON keeps 1 and "1" apart and writes 1 and 1.0
 * alike. Two of them may share their bits, so whatever is found by a term is compared with `matches`.
 */
export function termOf(collectionSeq: number, field: string, value: Scalar): number {
  const text = JSON.stringify([collectionSeq, field, value]);
  return createHash('sha256').update(text).digest().readUIntBE(0, 6);
}

export function termsOf(collectionSeq: number, fields: readonly [string, Scalar][]): number[] {
  return [...new Set(fields.map(([field, value]) => termOf(collectionSeq, field, value)))];
}

export function matches(data: string, where: readonly [string, Scalar][]): boolean {
  const document = JSON.parse(data) as unknown;
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return false;
  return where.every(
    ([field, value]) => Object.hasOwn(document, field) && (document as Record<string, unknown>)[field] === value,
  );
}
