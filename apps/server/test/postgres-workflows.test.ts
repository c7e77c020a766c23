/** Two servers of one database: each goes on with what the other one began, also when that was killed. */
import { LIMITS, type Results } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { Cluster, type Member } from './harness/cluster.ts';
import { Desktop } from './harness/desktop.ts';
import { openDb } from './harness/engine.ts';
import { eventsOf, expectEachStepOnce, TEN_STEPS } from './harness/ten-steps.ts';
import { workflowModule } from './harness/workflow-module.ts';

const PATIENCE = { timeout: 5 * LIMITS.job_lease_ms, interval: 250 };

let cluster: Cluster;
let db: Db;
let one: Member;
let other: Member;
beforeAll(async () => {
  const { env, prepare } = await workflowModule('steps', TEN_STEPS);
  cluster = await Cluster.open(env);
  db = await openDb(cluster.database);
  await prepare(db);
  one = await cluster.start('server');
  other = await cluster.start('server');
}, 120_000);
afterAll(async () => {
  await db.destroy();
  await cluster.stop();
});

it('survives kill -9 of a server, whose part the other one takes over', async () => {
  const here = await Desktop.signIn(one.url);
  const launch = await here.launch('steps');
  await here.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'TenSteps', id: 'ten' });
  await vi.waitFor(async () => expect(await eventsOf(db)).toBeGreaterThan(12), PATIENCE);
  await one.kill();
  const there = here.at(other.url);
  let end: Results['HANABI_WORKFLOW_RESULT'] | undefined;
  await vi.waitFor(async () => {
    const answer = await there.ask(launch, 'HANABI_WORKFLOW_RESULT', { id: 'ten' });
    end = answer.data as Results['HANABI_WORKFLOW_RESULT'];
    expect(end.state).toBe('completed');
  }, PATIENCE);
  await expectEachStepOnce(db, end?.value);
}, 300_000);
