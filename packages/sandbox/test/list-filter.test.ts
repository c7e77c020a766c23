/** List filters against runs in memory. The server finds the same ones in its database. */
import { LIMITS } from '@hanabi/protocol';
import { describe, expect, it } from 'vitest';
import { attributesAfter } from '../src/workflows/listing/attributes.ts';
import { parseListFilter } from '../src/workflows/listing/list-filter.ts';
import { type Listed, matches } from '../src/workflows/listing/matches.ts';
import { FILTERS, searchAttributesOf } from './workflow-filters.ts';

const now_ms = Date.now();
const listed = FILTERS.runs.map((run): Listed & { id: string } => ({
  id: run.id,
  fields: {
    WorkflowId: run.id,
    WorkflowType: run.type,
    RunId: `run of ${run.id}`,
    TaskQueue: 'flows',
    ExecutionStatus: run.status,
    StartTime: now_ms,
    CloseTime: run.status === 'RUNNING' ? null : now_ms,
    HistoryLength: 3,
  },
  attributes: attributesAfter([
    { eventType: 'WORKFLOW_EXECUTION_STARTED', attributes: { searchAttributes: searchAttributesOf(run) } },
  ]),
}));

describe('in memory', () => {
  it.each(FILTERS.found)('finds by %s', (query, ids) => {
    const filter = parseListFilter(query);
    expect(listed.filter((run) => matches(filter, run)).map(({ id }) => id)).toEqual(ids);
  });
});

it.each(FILTERS.refused)('refuses "%s" at its character %i', (query, at) => {
  expect(() => parseListFilter(query)).toThrow(`at character ${at},`);
});

const refused = (query: string) =>
  expect(() => parseListFilter(query)).toThrow(expect.objectContaining({ code: 'HANABI-V022' }));

it('refuses what is too long, compares with too much, or is nested too deeply', () => {
  const {
    workflow_filter_chars_max: chars,
    workflow_filter_terms_max: terms,
    workflow_filter_depth_max: depth,
  } = LIMITS;
  refused(`id = '${'x'.repeat(chars)}'`);
  refused(`id IN (${Array.from({ length: terms + 1 }, () => '1').join(',')})`);
  refused(Array.from({ length: terms + 1 }, () => 'id IS NOT NULL').join(' AND '));
  refused("id = 'a\0'");
  refused(`${'('.repeat(depth + 1)}id = 1${')'.repeat(depth + 1)}`);
  refused(`${'NOT '.repeat(depth + 1)} id = 1`);
});

const upsert = (value: unknown) => ({
  eventType: 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
  attributes: { searchAttributes: searchAttributesOf({ attributes: { state: { kind: 'Keyword', value } } }) },
});

it('keeps what was set last, and nothing of what was taken away', () => {
  expect(attributesAfter([upsert('new'), upsert('old')])).toMatchObject([{ name: 'state', text: 'old' }]);
  expect(attributesAfter([upsert('new'), upsert(null)])).toEqual([]);
});
