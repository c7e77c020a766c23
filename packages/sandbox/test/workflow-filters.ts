/** The corpus of list filters, which are the same for runs in memory and in a database. */
import { readFileSync } from 'node:fs';
import { payloadOf, type RunStatus } from '../src/index.ts';

interface FilterRun {
  id: string;
  type: string;
  status: RunStatus;
  attributes: Record<string, { kind: string; value: unknown }>;
}

interface Filters {
  runs: FilterRun[];
  /** Each with the ids of the runs that it finds. */
  found: [query: string, ids: string[]][];
  /** Each with the character that is named. */
  refused: [query: string, at: number][];
}

const path = new URL('../../../fixtures/workflow-filters.json', import.meta.url);
export const FILTERS = JSON.parse(readFileSync(path, 'utf8')) as Filters;

/** As a client sends them. */
export function searchAttributesOf({ attributes }: Pick<FilterRun, 'attributes'>) {
  const payloads = Object.entries(attributes).map(([name, { kind, value }]) => {
    const { metadata, ...rest } = payloadOf(value);
    const type = Buffer.from(kind).toString('base64');
    return [name, { ...rest, metadata: { ...(metadata as object), type } }];
  });
  return { indexedFields: Object.fromEntries(payloads) as Record<string, object> };
}
