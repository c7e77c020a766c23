/** A past run, gone through line by line, and its history as Temporal writes it. */
import { DESKTOP_PATHS, type ErrorBody, type Results, type WorkflowPlayback } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { developers } from './harness/publishing.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { workflowModule } from './harness/workflow-module.ts';

const PROGRAM = `
import asyncio
from datetime import timedelta
from temporalio import activity, workflow

@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"

@workflow.defn
class Waits:
    def __init__(self) -> None:
        self.is_told = False

    @workflow.run
    async def run(self, name: str) -> str:
        greeting = await self.greeted(name)
        await asyncio.sleep(0.01)
        await workflow.wait_condition(lambda: self.is_told)
        return greeting

    async def greeted(self, name: str) -> str:
        return await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(minutes=1))

    @workflow.signal
    def tell(self) -> None:
        self.is_told = True
`;
const PATIENCE = { timeout: 25_000, interval: 50 };

let server: RunningServer;
let admin: Desktop;
let run_id: string;

beforeAll(async () => {
  const { env, prepare } = await workflowModule('waits', PROGRAM);
  server = await startServer({
    env,
    users: ['ada'],
    prepare: async (db) => {
      await prepare(db);
      await developers('dora')(db);
    },
  });
  admin = await Desktop.signIn(server.url);
  run_id = await ended(admin);
}, 60_000);
afterAll(() => server.stop());

/** The run of a workflow that was told, and has ended. */
async function ended(by: Desktop): Promise<string> {
  const launch = await by.launch('waits');
  const begun = await by.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'Waits', id: 'w', args: ['Ada'] });
  await by.ask(launch, 'HANABI_WORKFLOW_SIGNAL', { id: 'w', signal: 'tell' });
  await vi.waitFor(async () => {
    const { data } = await by.ask(launch, 'HANABI_WORKFLOW_RESULT', { id: 'w' });
    expect(data).toMatchObject({ state: 'completed' });
  }, PATIENCE);
  return (begun.data as Results['HANABI_WORKFLOW_START']).run_id;
}

const playbackOf = (by: Desktop, run: string) => by.send('GET', `${DESKTOP_PATHS.workflows}/${run}/playback`);

it('names the line that asked for each thing, and where the code waited for the others', async () => {
  const playback = (await (await playbackOf(admin, run_id)).json()) as WorkflowPlayback;
  expect(playback).toMatchObject({
    problem: null,
    left_out: 0,
    sources: [{ path: 'workflow/main.py', text: PROGRAM }],
  });
  const lineOf = (text: string) => PROGRAM.split('\n').findIndex((line) => line.includes(text)) + 1;
  const asks = lineOf('workflow.execute_activity');
  const event = (type: string) => playback.events.find((each) => each.type === type);
  expect(event('ACTIVITY_TASK_SCHEDULED')?.made_by).toEqual([
    { path: 'workflow/main.py', line: asks, function: 'greeted' },
    { path: 'workflow/main.py', line: lineOf('self.greeted(name)'), function: 'run' },
  ]);
  expect(event('TIMER_STARTED')?.made_by).toMatchObject([{ line: lineOf('asyncio.sleep'), function: 'run' }]);
  expect(event('WORKFLOW_EXECUTION_COMPLETED')?.made_by).toMatchObject([{ line: lineOf('return greeting') }]);

  const answered = event('ACTIVITY_TASK_COMPLETED');
  expect(answered?.made_by).toEqual([]);
  expect(playback.tasks[answered?.task ?? -1]?.waits[0]?.stack.map(({ line }) => line)).toContain(asks);
  expect(playback.events[0]).toMatchObject({ type: 'WORKFLOW_EXECUTION_STARTED', task: -1, made_by: [] });
});

it('is for its owner alone, and for those who may see the code', async () => {
  const codeOf = async (by: Desktop, run: string) => {
    const { error } = (await (await playbackOf(by, run)).json()) as { error: ErrorBody };
    return error.code;
  };
  const [ada, dora] = await Promise.all([
    Desktop.signIn(server.url, 'ada', 'ada'),
    Desktop.signIn(server.url, 'dora', 'dora'),
  ]);
  expect(await codeOf(dora, run_id)).toBe('HANABI-W029');
  expect(await codeOf(ada, await ended(ada))).toBe('HANABI-M014');
  expect((await playbackOf(dora, await ended(dora))).status).toBe(200);
});

it('is given as a file that Temporal’s tools read', async () => {
  const answer = await admin.send('GET', `${DESKTOP_PATHS.workflows}/${run_id}/history`);
  expect(answer.headers.get('content-disposition')).toContain(`history-${run_id}.json`);
  const { events } = (await answer.json()) as { events: Record<string, unknown>[] };
  expect(events[0]).toMatchObject({
    eventId: 1,
    eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/),
    workflowExecutionStartedEventAttributes: { workflowType: { name: 'Waits' } },
  });
  const scheduled = events.find(({ eventType }) => eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
  expect(scheduled?.['activityTaskScheduledEventAttributes']).toMatchObject({ startToCloseTimeout: '60s' });
});
