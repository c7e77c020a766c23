/** Workflows of a restored backup wait until somebody lets them go on, for those of the other server may go on, too. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESKTOP_PATHS, type Results } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { hanabi } from './harness/hanabi.ts';
import { KillableServer } from './harness/killable-server.ts';
import { startServer } from './harness/start-server.ts';
import { workflowModule } from './harness/workflow-module.ts';

const PROGRAM = `
import asyncio
from temporalio import workflow


@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> str:
        await asyncio.sleep(0.1 if workflow.info().workflow_id == "short" else 3600)
        return "slept"
`;

let module: Awaited<ReturnType<typeof workflowModule>>;
let server: KillableServer;
let folder: string;
beforeAll(async () => {
  module = await workflowModule('flows', PROGRAM);
  server = await KillableServer.start(module);
  folder = await mkdtemp(join(tmpdir(), 'hanabi-restored-'));
}, 60_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

it('waits, says so, and goes on one by one or all together', async () => {
  const launch = await server.desktop.launch('flows');
  const begin = (id: string) => server.desktop.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'Waits', id });
  const query = { id: 'first', query: '__stack_trace' };
  for (const id of ['first', 'second']) await begin(id);
  expect((await server.desktop.ask(launch, 'HANABI_WORKFLOW_QUERY', query)).ok).toBe(true);
  const backup = join(folder, 'backup');
  const to = join(folder, 'to');
  expect((await hanabi(server.data_dir, 'backup', backup)).status).toBe(0);
  expect(JSON.parse((await hanabi(to, 'restore', backup, '--json')).stdout)).toMatchObject({ workflows_paused: 2 });

  const again = await startServer({ data_dir: to, env: module.env });
  try {
    const desktop = await Desktop.signIn(again.url);
    const back = await desktop.launch('flows');
    const list = async () =>
      ((await desktop.ask(back, 'HANABI_WORKFLOW_LIST', {})).data as Results['HANABI_WORKFLOW_LIST']).workflows;
    expect((await list()).map(({ paused, state }) => [state, paused])).toEqual([
      ['running', true],
      ['running', true],
    ]);
    // What begins now does not wait.
    await desktop.ask(back, 'HANABI_WORKFLOW_START', { workflow: 'Waits', id: 'short' });
    expect((await desktop.ask(back, 'HANABI_WORKFLOW_RESULT', { id: 'short' })).data).toMatchObject({ value: 'slept' });

    const second = (await list()).find(({ id }) => id === 'second')!;
    await desktop.ask(back, 'HANABI_WORKFLOW_CANCEL', { id: 'second' });
    const resumed = await desktop.send('POST', `${DESKTOP_PATHS.workflows}/${second.run_id}/resume`, {});
    expect(resumed.status).toBe(204);
    const ended = await desktop.ask(back, 'HANABI_WORKFLOW_RESULT', { id: 'second' });
    expect(ended.data).toMatchObject({ state: 'cancelled' });

    await desktop.ask(back, 'HANABI_WORKFLOW_CANCEL', { id: 'first' });
    expect((await list()).find(({ id }) => id === 'first')).toMatchObject({ state: 'running', paused: true });
    expect((await hanabi(to, 'workflow', 'resume', '--all')).stdout).toBe('1 workflow goes on\n');
    const first = await desktop.ask(back, 'HANABI_WORKFLOW_RESULT', { id: 'first' });
    expect(first.data).toMatchObject({ state: 'cancelled' });
  } finally {
    await again.stop();
  }
}, 180_000);
