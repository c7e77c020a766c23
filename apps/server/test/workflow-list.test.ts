/** Lists of workflows in the database: the same filters find the same ones as in memory. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import { payloadOf, type RunStatus } from '@hanabi/sandbox';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Users } from '../src/accounts/users.ts';
import type { Db } from '../src/storage/db.ts';
import { FileTree } from '../src/storage/file-tree.ts';
import { inTransaction } from '../src/storage/transaction.ts';
import { startRun, type WorkflowOwner } from '../src/workflows/begin-run.ts';
import { listRuns } from '../src/workflows/list-runs.ts';
import { resetRun } from '../src/workflows/reset-run.ts';
import { keepAttributes } from '../src/workflows/run-attributes.ts';
import { dropDatabase, openDb } from './harness/engine.ts';

/** The corpus, which is tried in memory by the tests of the sandbox room. */
const FILTERS = JSON.parse(
  readFileSync(new URL('../../../fixtures/workflow-filters.json', import.meta.url), 'utf8'),
) as {
  runs: { id: string; type: string; status: RunStatus; attributes: Attributes }[];
  found: [query: string, ids: string[]][];
  refused: [query: string, at: number][];
};
type Attributes = Record<string, { kind: string; value: unknown }>;

/** As a client sends them. */
function searchAttributesOf({ attributes }: { attributes: Attributes }) {
  const payloads = Object.entries(attributes).map(([name, { kind, value }]) => {
    const payload = payloadOf(value);
    const metadata = { ...(payload['metadata'] as object), type: btoa(kind) };
    return [name, { ...payload, metadata }];
  });
  return { indexedFields: Object.fromEntries(payloads) as Record<string, object> };
}

let dir: string;
let db: Db;
let owner: WorkflowOwner;
const runs = new Map<string, string>();

const begin = (workflowId: string, workflowType: string, options: object) =>
  inTransaction(db, (tx) => startRun(tx, owner, { workflowId, workflowType, taskQueue: 'flows', input: [], options }));

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hanabi-workflow-list-'));
  db = await openDb(dir);
  const { id } = await new Users(db, new FileTree(db)).create('ada', undefined, 'user');
  owner = { user_id: id, module_id: 'flows' };
  for (const run of FILTERS.runs) {
    const run_id = await begin(run.id, run.type, { searchAttributes: searchAttributesOf(run) });
    runs.set(run.id, run_id);
    const closed_ms = run.status === 'RUNNING' ? null : Date.now();
    await db.updateTable('workflow_runs').set({ status: run.status, closed_ms }).where('run_id', '=', run_id).execute();
  }
});
afterAll(async () => {
  await db.destroy();
  await dropDatabase(dir);
  await rm(dir, { recursive: true });
});

const idsOf = async (wish: Parameters<typeof listRuns>[2]) =>
  (await listRuns(db, owner, wish)).map(({ workflow_id }) => workflow_id).toSorted();

it.each(FILTERS.found)('finds by %s', async (query, ids) => {
  expect(await idsOf({ query })).toEqual(ids.toSorted());
});

it.each(FILTERS.refused.filter(([query]) => query))('refuses "%s"', async (query, at) => {
  await expect(idsOf({ query })).rejects.toMatchObject({
    code: 'HANABI-V022',
    message: expect.stringContaining(`at character ${at},`),
  });
});

it('takes a filter as deep and as long as one may be', async () => {
  const { workflow_filter_depth_max: depth, workflow_filter_terms_max: terms } = LIMITS;
  expect(await idsOf({ query: `${'('.repeat(depth)}days = 5${')'.repeat(depth)}` })).toEqual(['order-1']);
  const values = Array.from({ length: terms }, (_, number) => number);
  expect(await idsOf({ query: `days IN (${values.join(',')})` })).toEqual(['order-1', 'order-2']);
  expect(await idsOf({ query: values.map((number) => `days = ${number}`).join(' OR ') })).toEqual([
    'order-1',
    'order-2',
  ]);
});

it('searches ids, names, attributes and memos for a part of a text', async () => {
  expect(await idsOf({ search: 'neill' })).toEqual(['refund_1']);
  expect(await idsOf({ search: 'order' })).toEqual(['order-1', 'order-2']);
  expect(await idsOf({ search: '%' })).toEqual(['refund%2']);
  expect(await idsOf({ search: 'ORDER' })).toEqual(['order-1', 'order-2']);
  expect(await idsOf({ search: 'order\0' })).toEqual([]);
  const memo = { fields: { note: { metadata: { encoding: btoa('json/plain') }, data: btoa('"by the sea"') } } };
  const run_id = await begin('noted', 'Note', { memo });
  expect(await idsOf({ search: 'the sea' })).toEqual(['noted']);
  expect(await idsOf({ query: "note = 'by the sea'" })).toEqual([]);
  const gone = { note: { metadata: { encoding: btoa('binary/null') } } };
  const modified = { eventType: 'WORKFLOW_PROPERTIES_MODIFIED', attributes: { upsertedMemo: { fields: gone } } };
  await inTransaction(db, (tx) => keepAttributes(tx, run_id, [modified]));
  expect(await idsOf({ search: 'the sea' })).toEqual([]);
  await db.deleteFrom('workflow_runs').where('run_id', '=', run_id).execute();
});

it('searches for letters beyond A to Z as they are written', async () => {
  const run_id = await begin('ÄRA-2', 'Note', {});
  for (const search of ['Ä', 'Ära-', 'ÄRA-2']) expect(await idsOf({ search }), search).toEqual(['ÄRA-2']);
  await db.deleteFrom('workflow_runs').where('run_id', '=', run_id).execute();
});

it('keeps no more attributes than it may, and those of a run that is reset with the new one', async () => {
  const attributes = Object.fromEntries(
    Array.from({ length: LIMITS.workflow_attributes_max + 1 }, (_, number) => [
      `a${number}`,
      { kind: 'Int', value: number },
    ]),
  );
  const run_id = await begin('many', 'Many', { searchAttributes: searchAttributesOf({ attributes }) });
  const kept = await db.selectFrom('workflow_attributes').select('name').where('run_id', '=', run_id).execute();
  expect(kept).toHaveLength(LIMITS.workflow_attributes_max);
  const events = [{ run_id, event_id: 2, at_ms: 0, type: 'WORKFLOW_TASK_STARTED', attributes: '{}' }];
  await db.insertInto('workflow_events').values(events).execute();
  await db.updateTable('workflow_runs').set({ events: 2 }).where('run_id', '=', run_id).execute();
  const run = await db.selectFrom('workflow_runs').selectAll().where('run_id', '=', run_id).executeTakeFirstOrThrow();
  const again = await inTransaction(db, (tx) => resetRun(tx, run, 2));
  expect(await idsOf({ query: `a3 = 3 AND RunId = '${again}'` })).toEqual(['many']);
});
