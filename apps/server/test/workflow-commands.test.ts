/** `hanabi workflow …`, on the data folder of a server that runs. */
import type { Launch, Results } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDb } from './harness/engine.ts';
import { hanabi } from './harness/hanabi.ts';
import { KillableServer } from './harness/killable-server.ts';
import { workflowModule } from './harness/workflow-module.ts';

const PROGRAM = `
from temporalio import workflow
from temporalio.common import SearchAttributeKey

DAYS = SearchAttributeKey.for_int("days")


@workflow.defn
class Approval:
    def __init__(self) -> None:
        self.said: list[str] = []

    @workflow.run
    async def run(self, days: int) -> list[str]:
        workflow.upsert_search_attributes([DAYS.value_set(days)])
        workflow.upsert_memo({"note": f"for {days} days"})
        await workflow.wait_condition(lambda: "end" in self.said)
        return self.said

    @workflow.signal
    def say(self, word: str) -> None:
        self.said.append(word)

    @workflow.update
    async def add(self, word: str) -> int:
        self.said.append(word)
        return len(self.said)

    @add.validator
    def check(self, word: str) -> None:
        if not word:
            raise ValueError("nothing was said")

    @workflow.query
    def words(self) -> list[str]:
        return self.said
`;

let server: KillableServer;
let launch: Launch;
beforeAll(async () => {
  server = await KillableServer.start(await workflowModule('flows', PROGRAM));
  launch = await server.desktop.launch('flows');
}, 60_000);
afterAll(() => server.stop());

const workflow = (...args: string[]) => hanabi(server.data_dir, 'workflow', ...args);
const begin = (id: string, days: number) =>
  server.desktop.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'Approval', id, args: [days] });
const resultOf = async (id: string) =>
  (await server.desktop.ask(launch, 'HANABI_WORKFLOW_RESULT', { id })).data as Results['HANABI_WORKFLOW_RESULT'];
/** What the command line was asked to do, with its detail. */
async function recordOf(subject: string): Promise<string[]> {
  const db = await openDb(server.data_dir);
  const about = db.selectFrom('audit_events').select(['event', 'detail']).where('subject', '=', subject);
  const rows = await about.where('actor', '=', 'command line').orderBy('seq').execute();
  await db.destroy();
  return rows.map(({ event, detail }) => `${event} ${detail}`);
}

it('asks, tells, lists and shows', async () => {
  await begin('plan', 5);
  await begin('other', 1);
  expect(await workflow('query', 'plan', 'words')).toEqual({ status: 0, stdout: '[]\n', stderr: '' });
  expect((await workflow('signal', 'plan', 'say', '"one"')).stdout).toBe('plan has got the signal\n');
  expect((await workflow('update', 'plan', 'add', '["two"]')).stdout).toBe('2\n');
  expect(JSON.parse((await workflow('query', 'plan', 'words', '--json')).stdout)).toEqual({ value: ['one', 'two'] });
  const listed = await workflow('list', '--query', "days > 3 AND ExecutionStatus = 'Running'", '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { id: 'plan', module_id: 'flows', user: 'admin', state: 'running' },
  ]);
  expect((await workflow('list', '--search', 'for 1 day')).stdout).toMatch(/^other: Approval, running, began .*\n$/);
  expect((await workflow('show', 'plan')).stdout).toMatch(/WORKFLOW_EXECUTION_SIGNALED say "one"/);
  const { workflows } = (await server.desktop.ask(launch, 'HANABI_WORKFLOW_LIST', { query: 'days = 5' }))
    .data as Results['HANABI_WORKFLOW_LIST'];
  expect(workflows).toMatchObject([{ id: 'plan', paused: false, cron: null }]);
});

it('cancels, resets and terminates, and it is on record', async () => {
  await begin('moved', 2);
  expect((await workflow('query', 'moved', 'words')).stdout).toBe('[]\n');
  const reset = JSON.parse((await workflow('reset', 'moved', '--event', '3', '--json')).stdout) as { run_id: string };
  expect((await workflow('signal', 'moved', 'say', '["end"]', '--run', reset.run_id)).status).toBe(0);
  expect(await resultOf('moved')).toMatchObject({ run_id: reset.run_id, state: 'completed', value: ['end'] });
  await begin('cancelled', 2);
  expect((await workflow('cancel', 'cancelled')).status).toBe(0);
  expect(await resultOf('cancelled')).toMatchObject({ state: 'cancelled' });
  await begin('ended', 2);
  expect((await workflow('terminate', 'ended', '--reason', 'no use')).stdout).toBe('ended is terminated\n');
  expect(await resultOf('ended')).toMatchObject({ state: 'terminated', failure: { message: 'no use' } });
  const { stdout } = await workflow('list', '--query', "ExecutionStatus = 'Terminated' AND CloseTime IS NOT NULL");
  expect(stdout).toContain('ended: Approval, terminated');
  expect(await recordOf('flows ended')).toEqual(['workflow.terminate ']);
});

it('says what is wrong', async () => {
  expect(await workflow('show', 'nobody')).toMatchObject({ status: 1, stderr: expect.stringContaining('HANABI-W029') });
  expect(await workflow('signal', 'ended', 'say', '[]')).toMatchObject({ status: 1 });
  const filter = await workflow('list', '--query', 'days >');
  expect(filter).toMatchObject({ status: 1, stderr: expect.stringContaining('HANABI-V022') });
  expect(filter.stderr).toContain('at character 7');
  expect(await workflow('signal', 'plan')).toMatchObject({ status: 2 });
  expect(await workflow('signal', 'plan', 'say', 'no json')).toMatchObject({ status: 2 });
  expect(await workflow('reset', 'plan')).toMatchObject({ status: 2, stderr: expect.stringContaining('--event') });
  expect(await workflow('list', '--limit', '501')).toMatchObject({ status: 2, stderr: expect.stringContaining('500') });
  expect(await workflow('update', 'plan', 'add', '""')).toMatchObject({ status: 1, stderr: 'nothing was said\n' });
  expect(await recordOf('flows plan')).toContain('workflow.update add');
  expect(await workflow('query', 'plan', 'other')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('HANABI-W031'),
  });
  expect((await workflow('list', '--help')).stdout).toContain('--query FILTER');
});
