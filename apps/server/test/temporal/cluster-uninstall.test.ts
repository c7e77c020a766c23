/** What becomes of a module’s workflows on a cluster when it is uninstalled with its data. */
import { bridgeFolder, loadBridge } from '@hanabi/sandbox';
import { afterEach, expect, it, vi } from 'vitest';
import { Refusal, serveGrpc } from '../../../../packages/sandbox/test/temporal/grpc-server.ts';
import { SmallCluster } from '../../../../packages/sandbox/test/temporal/small-cluster.ts';
import { Desktop } from '../harness/desktop.ts';
import type { ModuleWish } from '../harness/make-module.ts';
import { developers, install, publish, uninstall } from '../harness/publishing.ts';
import { startServer } from '../harness/start-server.ts';

const PROGRAM = `
from temporalio import workflow


@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)
`;
const MODULE: ModuleWish = {
  id: 'leaving',
  permissions: ['worker.workflow', 'data.store'],
  files: { 'workflow/main.py': PROGRAM },
  manifest: { entrypoints: { ui: 'ui/index.html', workflow: 'workflow/main.py' } },
};
const NOT_FOUND = 5;
const UNAVAILABLE = 14;

const bridge = loadBridge(bridgeFolder(process.env));
const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

/** A user with a document and two workflows of the module; deletions at the cluster are first asked of `refuses`. */
async function leaving(refuses: (asked: number) => number | undefined) {
  const cluster = new SmallCluster(bridge);
  let asked = 0;
  const answers = cluster.answers();
  const forget = answers['DeleteWorkflowExecution']!;
  const grpc = await serveGrpc(bridgeFolder(process.env), bridge, {
    ...answers,
    DeleteWorkflowExecution: (...request) => {
      const refusal = refuses((asked += 1));
      if (refusal !== undefined) throw new Refusal(refusal, 'refused');
      return forget(...request);
    },
  });
  opened.push(
    () => cluster.close(),
    () => grpc.close(),
  );
  const server = await startServer({
    env: { HANABI_WORKFLOW_ENGINE: `temporal://${grpc.target}/office` },
    users: ['ada'],
    prepare: developers('dora'),
  });
  opened.push(() => server.stop());
  const admin = await Desktop.signIn(server.url);
  const [dora, ada] = [
    await Desktop.signIn(server.url, 'dora', 'dora'),
    await Desktop.signIn(server.url, 'ada', 'ada'),
  ];
  await publish(dora, admin, MODULE, { permissions: ['worker.workflow'] });
  await install(ada, 'leaving');
  const launch = await ada.launch('leaving');
  const put = { collection: 'c', id: 'd', data: { a: 1 } };
  expect((await ada.ask(launch, 'HANABI_DATA_PUT', put)).ok).toBe(true);
  for (const id of ['first', 'second']) {
    const started = await ada.ask(launch, 'HANABI_WORKFLOW_START', { workflow: 'Waits', id });
    expect(started).toMatchObject({ ok: true });
  }
  expect((await uninstall(ada, 'leaving', 'delete')).status).toBe(204);
  await install(ada, 'leaving');
  const again = await ada.launch('leaving');
  const { data } = await ada.ask(again, 'HANABI_DATA_GET', { collection: 'c', id: 'd' });
  return { left: cluster.runs.length, data, lines: server.lines };
}

it('one that is gone already leaves none of the others behind', async () => {
  const { left, data } = await leaving((asked) => (asked === 1 ? NOT_FOUND : undefined));
  expect(left).toBe(1); // the cluster said that it is gone, and was believed
  expect(data).not.toMatchObject({ data: '{"a":1}' });
}, 60_000);

it('a cluster that is away keeps nothing of the rest, and the operator is told', async () => {
  const { left, data, lines } = await leaving(() => UNAVAILABLE);
  expect(left).toBe(2);
  expect(data).not.toMatchObject({ data: '{"a":1}' });
  await vi.waitFor(() => expect(lines.join('\n')).toMatch(/"prefix":"hanabi\/[^/]+\/leaving\/"/));
}, 60_000);
