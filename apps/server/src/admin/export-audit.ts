/** Rows of the audit as lines of JSON, or as a table for a spreadsheet. */
import type { AuditRow } from '@hanabi/protocol';

const COLUMNS = [
  'seq',
  'at',
  'event',
  'outcome',
  'actor',
  'subject',
  'module_id',
  'module_version',
  'permission',
  'request_id',
  'address',
  'detail',
] as const satisfies readonly (keyof AuditRow)[];

export async function* asNdjson(rows: AsyncIterable<AuditRow>): AsyncGenerator<string, void, void> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

export async function* asCsv(rows: AsyncIterable<AuditRow>): AsyncGenerator<string, void, void> {
  yield `${COLUMNS.join(',')}\r\n`;
  for await (const row of rows) yield `${COLUMNS.map((column) => cell(row[column])).join(',')}\r\n`;
}

/** What others chose stands in it: a spreadsheet must not take it for a formula. */
function cell(value: string | number | null): string {
  const text = String(value ?? '');
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
