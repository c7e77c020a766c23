/** A JSON Schema as a table that a person reads: one line per field, nested ones with their path. */
import { code, table } from './markdown.ts';

export interface JsonSchema {
  readonly $schema?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly $ref?: string;
}

/** Longer patterns say less to a reader than the description does. */
const PATTERN_CHARS_SHOWN = 60;

export function schemaTable(schema: JsonSchema): string {
  const rows = fieldRows(schema, '');
  return rows.length === 0 ? 'None.' : table(['field', 'type', 'required', 'notes'], rows);
}

function fieldRows(schema: JsonSchema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const required = schema.required?.includes(name) ? 'yes' : '';
    return [[code(path), typeText(field), required, notes(field)], ...innerRows(field, path)];
  });
}

/** The fields of an object, of the objects in a list, or of the one object among alternatives. */
function innerRows(field: JsonSchema, path: string): string[][] {
  if (field.type === 'array' && field.items) return innerRows(field.items, `${path}[]`);
  const objects = (field.anyOf ?? [field]).filter((choice) => choice.properties);
  return objects.length === 1 ? fieldRows(objects[0]!, `${path}.`) : [];
}

function typeText(schema: JsonSchema): string {
  if (schema.$ref) return 'any JSON';
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) {
    const shown = schema.enum.length > 12 ? schema.enum.slice(0, 3) : schema.enum;
    const text = shown.map((value) => code(JSON.stringify(value))).join(' | ');
    return shown.length < schema.enum.length ? `${text} | …` : text;
  }
  if (schema.anyOf) {
    // z.json() arrives as all six types at once.
    if (schema.anyOf.length >= 6) return 'any JSON';
    return [...new Set(schema.anyOf.map(alternativeText))].join(' | ');
  }
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  if (schema.type === 'object') return schema.properties ? 'object' : 'object of any JSON';
  return schema.format ?? String(schema.type ?? 'any JSON');
}

/** Alternatives that are objects are told apart by their fields. */
function alternativeText(schema: JsonSchema): string {
  return schema.properties ? code(`{ ${Object.keys(schema.properties).join(', ')} }`) : typeText(schema);
}

function notes(schema: JsonSchema): string {
  const { pattern = '' } = schema;
  const plainDefault = schema.default !== undefined && typeof schema.default !== 'object';
  return [
    schema.description?.replace(/\.$/, '') ?? '',
    pattern !== '' && pattern.length <= PATTERN_CHARS_SHOWN ? `matches ${code(pattern)}` : '',
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' entries'),
    range(schema.minimum, schema.maximum, ''),
    plainDefault ? `default ${code(JSON.stringify(schema.default))}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function range(low: number | undefined, high: number | undefined, unit: string): string {
  const top = high === Number.MAX_SAFE_INTEGER ? undefined : high;
  if (low !== undefined && top !== undefined) return `${low} to ${top}${unit}`;
  if (top !== undefined) return `at most ${top}${unit}`;
  return low !== undefined && low !== 0 ? `at least ${low}${unit}` : '';
}
