/** Live channels on several servers of one PostgreSQL database: what happens on one is told on all. */
import { DESKTOP_PATHS, type Job, type Launch, LIVE_CLOSED, type LiveEvent, type Permission } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from './harness/cluster.ts';
import { Desktop } from './harness/desktop.ts';
import { LiveClient } from './harness/live-client.ts';
import { makeModule } from './harness/make-module.ts';

const WORKER = `
import time
def run(inputs, options):
    yield {"pct": 30, "message": "a third"}
    time.sleep(float(options.get("seconds", 0)))
    return {"out.txt": "done"}
`;
const PERMISSIONS: Permission[] = ['data.store', 'files.write', 'jobs.queue', 'jobs.emit_progress', 'worker.execute'];

let cluster: Cluster;
let here: Desktop;
let there: Desktop;
let launch: Launch;
beforeAll(async () => {
  const dir = await makeModule({ id: 'shared', permissions: PERMISSIONS, worker: WORKER });
  cluster = await Cluster.open({ HANABI_MODULE_DIRS: dir });
  const one = await cluster.start('server');
  const other = await cluster.start('server');
  // Neither server runs jobs: the executor does.
  await cluster.start('executor', { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' });
  here = await Desktop.signIn(one.url);
  there = here.at(other.url);
  launch = await here.launch('shared');
}, 60_000);
afterAll(() => cluster.stop());

const news = (client: LiveClient): LiveEvent[] =>
  client.messages.flatMap((message) => (message.op === 'live' ? [message.event] : []));
const saidOf = (client: LiveClient, id: string) =>
  news(client).flatMap((event) =>
    event.topic === 'job' && event.id === id ? [`${event.state} ${event.progress_pct}`] : [],
  );

it('of a job that one server accepted and an executor runs, everybody hears', async () => {
  const clients = [await LiveClient.open(here), await LiveClient.open(there)];
  const { job } = (await here.ask(launch, 'HANABI_QUEUE_TASK')).data as { job: Job };
  for (const client of clients) {
    await expect
      .poll(() => saidOf(client, job.id), { timeout: 20_000 })
      .toEqual(['queued 0', 'running 0', 'running 30', 'completed 100']);
    await expect.poll(() => news(client).some(({ topic }) => topic === 'files')).toBe(true);
  }
  await Promise.all(clients.map((client) => client.close()));
}, 60_000);

it('a job that is cancelled on a server that does not run it ends where it runs', async () => {
  const client = await LiveClient.open(there);
  const { job } = (await here.ask(launch, 'HANABI_QUEUE_TASK', { options: { seconds: 300 } })).data as { job: Job };
  await expect.poll(() => saidOf(client, job.id), { timeout: 20_000 }).toContain('running 30');
  expect((await there.send('POST', `${DESKTOP_PATHS.jobs}/${job.id}/cancel`, {})).status).toBe(200);
  await expect.poll(() => saidOf(client, job.id).at(-1)).toMatch(/^cancelled/);
  await client.close();
}, 60_000);

it('documents and the end of a session are told across servers', async () => {
  const guest = await Desktop.signIn(here.url);
  const client = await LiveClient.open(guest.at(there.url));
  await here.ask(launch, 'HANABI_DATA_PUT', { collection: 'c', id: 'x', data: 1 });
  await expect.poll(() => news(client).find(({ topic }) => topic === 'data')).toMatchObject({ id: 'x', version: 1 });
  await guest.send('DELETE', DESKTOP_PATHS.session);
  expect(await client.ending()).toBe(LIVE_CLOSED.session_ended);
}, 60_000);
