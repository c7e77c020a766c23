/** New code for a workflow that runs: where it does something else than its history says, nothing is lost. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DESKTOP_PATHS, type Results, type WorkflowDetails, type WorkflowPlayback } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { KillableServer } from './harness/killable-server.ts';
import { FIRST_LINE, GREETS, SLEEPS, waitingProgram } from './harness/waiting-workflow.ts';
import { workflowModule } from './harness/workflow-module.ts';

const PATIENCE = { timeout: 25_000, interval: 50 };

let server: KillableServer;
let dir: string;
beforeAll(async () => {
  const module = await workflowModule('updated', waitingProgram(GREETS));
  dir = module.env.HANABI_MODULE_DIRS;
  server = await KillableServer.start(module);
}, 60_000);
afterAll(() => server.stop());

async function replaceProgram(first: string): Promise<void> {
  await mkdir(join(dir, 'workflow'), { recursive: true });
  await writeFile(join(dir, 'workflow/main.py'), waitingProgram(first));
  await server.killAndRestart();
}

const detailsOf = async (run_id: string): Promise<WorkflowDetails> => {
  const answer = await server.desktop.send('GET', `${DESKTOP_PATHS.workflows}/${run_id}`);
  return (await answer.json()) as WorkflowDetails;
};

it('says where history and code part, and goes on with code that fits, or from an earlier point', async () => {
  const launch = await server.desktop.launch('updated');
  const begun = await server.desktop.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'Waits', id: 'w' });
  const { run_id } = begun.data as Results['HANABI_WORKFLOW_START'];
  await vi.waitFor(async () => {
    const { events } = await detailsOf(run_id);
    expect(events[0]).toMatchObject({ type: 'ACTIVITY_TASK_COMPLETED', detail: '"Hello, Ada!"' });
  }, PATIENCE);

  await replaceProgram(SLEEPS);
  const again = await server.desktop.launch('updated');
  await server.desktop.ask(again, 'HANABI_WORKFLOW_SIGNAL', { id: 'w', signal: 'tell' });
  await vi.waitFor(async () => {
    const { nondeterminism, summary } = await detailsOf(run_id);
    expect(nondeterminism).toEqual({ event_id: 5, history: 'ACTIVITY_TASK_SCHEDULED greet', code: 'TIMER_STARTED 1' });
    expect(summary).toMatchObject({ state: 'running' });
  }, PATIENCE);

  const playback = await server.desktop.send('GET', `${DESKTOP_PATHS.workflows}/${run_id}/playback`);
  const { problem } = (await playback.json()) as WorkflowPlayback;
  expect(problem).toMatchObject({
    event_id: 5,
    apart: { history: 'ACTIVITY_TASK_SCHEDULED greet', code: 'TIMER_STARTED 1' },
    stack: [{ path: 'workflow/main.py', line: FIRST_LINE, function: 'run' }],
  });

  const path = `${DESKTOP_PATHS.workflows}/${run_id}/reset`;
  const reset = (await (await server.desktop.send('POST', path, { event_id: 5 })).json()) as { run_id: string };
  const ended = await server.desktop.ask(again, 'HANABI_WORKFLOW_RESULT', { id: 'w' });
  expect(ended.data).toMatchObject({ run_id: reset.run_id, state: 'completed', value: 'told' });
  expect((await detailsOf(run_id)).summary.state).toBe('terminated');
}, 120_000);
