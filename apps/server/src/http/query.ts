/** Fields of a query string, which anyone may repeat. */
import { HanabiError } from '@hanabi/protocol';

export type QueryFields<Fields extends string> = Partial<Record<Fields, string | string[]>>;

/** The field that stands there once or not at all; HANABI-V008 when it stands there twice. */
export function queryText<Field extends string>(query: QueryFields<Field>, field: Field): string | undefined {
  const value = query[field];
  if (Array.isArray(value)) throw new HanabiError('HANABI-V008', `"${field}" stands in the address more than once`);
  return value;
}

/** The field as often as it stands there. */
export function queryTexts<Field extends string>(query: QueryFields<Field>, field: Field): string[] {
  const value = query[field];
  return value === undefined ? [] : [value].flat();
}
