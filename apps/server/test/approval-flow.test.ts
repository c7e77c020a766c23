/** The example of a workflow over the user’s files, from the question to the stamped copy, through a restart. */
import type { FileRef, Results } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { grant } from './harness/grant.ts';
import { KillableServer } from './harness/killable-server.ts';
import { LiveClient } from './harness/live-client.ts';

const ADMIN_HIGH = ['worker.workflow', 'worker.execute'] as const;
const PATIENCE = { timeout: 25_000, interval: 50 };

let server: KillableServer;
beforeAll(async () => {
  server = await KillableServer.start({
    env: { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
    prepare: (db) => grant(db, 'approval-flow', ADMIN_HIGH),
  });
}, 60_000);
afterAll(() => server.stop());

it('reminds, survives a kill, runs the worker after a yes and says so', async () => {
  const launch = await server.desktop.launch('approval-flow');
  const write = { name: 'plan.txt', bytesB64: btoa('the plan'), folderRole: 'input' };
  const written = await server.desktop.ask(launch, 'HANABI_WRITE_FILE', write);
  const { id } = written.data['file'] as FileRef;
  const wish = { workflow: 'Approval', id, args: [id, 'plan.txt', 0.3] };
  expect(await server.desktop.ask(launch, 'HANABI_WORKFLOW_START', wish)).toMatchObject({ ok: true });
  await vi.waitFor(async () => {
    const answer = await server.desktop.ask(launch, 'HANABI_WORKFLOW_QUERY', { id, query: 'reminded' });
    expect(answer.data['value']).toBeGreaterThanOrEqual(2);
  }, PATIENCE);

  await server.killAndRestart();
  const again = await server.desktop.launch('approval-flow');
  const channel = await LiveClient.open(server.desktop);
  const decide = { id, signal: 'decide', args: ['yes'] };
  expect(await server.desktop.ask(again, 'HANABI_WORKFLOW_SIGNAL', decide)).toMatchObject({ ok: true });
  const end = await server.desktop.ask(again, 'HANABI_WORKFLOW_RESULT', { id });
  expect(end.data as Results['HANABI_WORKFLOW_RESULT']).toMatchObject({
    state: 'completed',
    value: 'yes',
    failure: null,
  });
  const { jobs } = (await server.desktop.ask(again, 'HANABI_LIST_JOBS', {})).data as Results['HANABI_LIST_JOBS'];
  expect(jobs).toMatchObject([{ state: 'completed', outputs: [{ name: 'approved-plan.txt' }] }]);
  await vi.waitFor(() => {
    const topics = channel.messages.map((message) => (message.op === 'live' ? message.event.topic : ''));
    expect(topics).toContain('notice');
  }, PATIENCE);
  await channel.close();
  // Also those of before the kill, when nobody listened.
  const notices = await server.desktop.unseenNotices();
  expect(notices[0]).toMatchObject({ module_id: 'approval-flow', message: 'plan.txt: yes' });
  expect(notices.length).toBeGreaterThan(1);

  const refuse = { workflow: 'Approval', id: 'no', args: [id, 'plan.txt'] };
  await server.desktop.ask(again, 'HANABI_WORKFLOW_START', refuse);
  await server.desktop.ask(again, 'HANABI_WORKFLOW_SIGNAL', { id: 'no', signal: 'decide', args: ['no'] });
  const refused = await server.desktop.ask(again, 'HANABI_WORKFLOW_RESULT', { id: 'no' });
  expect(refused.data).toMatchObject({ state: 'completed', value: 'no' });
  const listed = await server.desktop.ask(again, 'HANABI_FS_LIST', { folderRole: 'output' });
  const { files } = listed.data as Results['HANABI_FS_LIST'];
  expect(files.map(({ name }) => name).toSorted()).toEqual(['approved-plan.txt', 'rejected-plan.txt.note']);
});
