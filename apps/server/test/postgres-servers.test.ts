/** Several servers of one PostgreSQL database: what one of them knows, all of them do. */
import { DESKTOP_PATHS, type Health, type Job, type Permission, type Results } from '@hanabi/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { Cluster, type Member } from './harness/cluster.ts';
import { Desktop } from './harness/desktop.ts';
import { openDb } from './harness/engine.ts';
import { hanabiWith } from './harness/hanabi.ts';
import { LiveClient } from './harness/live-client.ts';
import { makeModule } from './harness/make-module.ts';
import { begin, offsetOf, patch } from './upload-client.ts';

const WORKER = `
import time
def run(inputs, options):
    time.sleep(float(options.get("seconds", 0)))
    return {"out.txt": str(options.get("say"))}
`;
const PERMISSIONS: Permission[] = ['files.read', 'files.write', 'jobs.queue', 'jobs.schedule', 'worker.execute'];

let cluster: Cluster;
let db: Db;
let one: Member;
let other: Member;
let here: Desktop;
let there: Desktop;
beforeAll(async () => {
  const dir = await makeModule({ id: 'shared', permissions: PERMISSIONS, worker: WORKER });
  cluster = await Cluster.open({ HANABI_MODULE_DIRS: dir });
  // At the same moment, on a database in which there is nothing.
  [one, other] = await Promise.all([cluster.start('server'), cluster.start('server')]);
  here = await Desktop.signIn(one.url);
  there = here.at(other.url);
  db = await openDb(cluster.database);
}, 60_000);
afterAll(async () => {
  await db.destroy();
  await cluster.stop();
});

const read = async (desktop: Desktop, launch: { id: string }, fileId: string) =>
  Buffer.from(
    (await desktop.ask(launch, 'HANABI_READ_FILE', { fileId })).data['bytesB64'] as string,
    'base64',
  ).toString();

/** The states of a job in the order in which a desktop was told of them. */
const heard = (channel: LiveClient, id: string) => [
  ...new Set(
    channel.messages.flatMap((message) =>
      message.op === 'live' && message.event.topic === 'job' && message.event.id === id ? [message.event.state] : [],
    ),
  ),
];

describe('another server', () => {
  it('knows the session, the windows and the files at once', async () => {
    const file = await here.upload('here.txt', 'written here');
    const launch = await here.launch('shared', { file_id: file.id });
    expect(await read(there, launch, file.id)).toBe('written here');
    const page = await fetch(other.url + launch.document_url.replace(/^https?:\/\/[^/]+/, ''));
    expect(page.status).toBe(200);
  });

  it('honours the address that OPEN_MEDIA gave', async () => {
    const file = await here.upload('song.mp3', 'la la la');
    const launch = await here.launch('shared', { file_id: file.id });
    const { url } = (await here.ask(launch, 'HANABI_OPEN_MEDIA', { fileId: file.id }))
      .data as Results['HANABI_OPEN_MEDIA'];
    expect(await (await fetch(other.url + url)).text()).toBe('la la la');
  });

  it('goes on with an upload', async () => {
    const bytes = Buffer.alloc(300_000, 'upload ');
    const url = await begin(here, { name: 'long.bin', size: bytes.length });
    expect((await patch(here, url, 0, bytes.subarray(0, 100_000))).status).toBe(204);
    expect(await offsetOf(there, url)).toBe(100_000);
    expect((await patch(there, url, 100_000, bytes.subarray(100_000))).status).toBe(204);
    const { files } = await here.folder('root');
    expect(files.find(({ name }) => name === 'long.bin')).toMatchObject({ size_bytes: bytes.length });
  });

  it('forgets a window that was closed, and a session that was ended', async () => {
    const guest = await Desktop.signIn(one.url);
    const launch = await guest.launch('shared');
    const elsewhere = guest.at(other.url);
    const code = async () => (await elsewhere.ask(launch, 'HANABI_LIST_JOBS')).error?.code;
    expect(await code()).toBeUndefined();
    await guest.send('DELETE', `${DESKTOP_PATHS.launches}/${launch.id}`);
    await expect.poll(code).toBe('HANABI-M002');
    expect((await elsewhere.send('GET', DESKTOP_PATHS.session)).status).toBe(200);
    await guest.send('DELETE', DESKTOP_PATHS.session);
    await expect.poll(async () => (await elsewhere.send('GET', DESKTOP_PATHS.session)).status).toBe(401);
  });

  it('learns of a permission that the command line takes away', async () => {
    const launch = await there.launch('shared');
    const env = { HANABI_DATA_DIR: cluster.database };
    const code = async () => (await there.ask(launch, 'HANABI_SCHEDULE_LIST')).error?.code;
    expect(await code()).toBeUndefined();
    expect((await hanabiWith(env, 'module', 'grant', 'shared', 'jobs.schedule', '--revoke')).stderr).toBe('');
    await expect.poll(code).toBe('HANABI-P002');
    await hanabiWith(env, 'module', 'grant', 'shared', 'jobs.schedule');
    await expect.poll(code).toBeUndefined();
  });

  it('is told again after its connections to the database were cut', async () => {
    const launch = await here.launch('shared');
    const code = async () => (await there.ask(launch, 'HANABI_LIST_JOBS')).error?.code;
    expect(await code()).toBeUndefined();
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
    `.execute(db);
    await expect
      .poll(async () => (await here.send('DELETE', `${DESKTOP_PATHS.launches}/${launch.id}`)).status)
      .toBeLessThan(500);
    await expect.poll(code, { timeout: 10_000 }).toBe('HANABI-M002');
    const next = await here.launch('shared');
    const nextCode = async () => (await there.ask(next, 'HANABI_LIST_JOBS')).error?.code;
    expect(await nextCode()).toBeUndefined();
    await here.send('DELETE', `${DESKTOP_PATHS.launches}/${next.id}`);
    await expect.poll(nextCode, { timeout: 10_000 }).toBe('HANABI-M002');
  });
});

/** The processes that administrators are shown, with the places of each. */
async function servers(): Promise<string[]> {
  const answer = await here.send('GET', `${DESKTOP_PATHS.admin}/health`);
  return ((await answer.json()) as Health).servers.map(({ kind, places }) => `${kind} ${places}`);
}

describe('an executor', () => {
  it('runs what a server without a sandbox has accepted, and fires no schedule twice', async () => {
    const launch = await here.launch('shared');
    const channel = await LiveClient.open(there);
    const asked = await here.ask(launch, 'HANABI_QUEUE_TASK', { options: { say: 'worked off' } });
    const { job } = asked.data as { job: Job };
    expect(job.state).toBe('queued');
    const executor = await cluster.start('executor', { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' });
    const found = async () => {
      const { data } = await there.ask(launch, 'HANABI_GET_JOB', { jobId: job.id });
      return (data as { job: Job }).job;
    };
    await expect.poll(async () => (await found()).state, { timeout: 20_000 }).toBe('completed');
    // The desktop at the one server hears what becomes of a job that was asked for there and runs elsewhere.
    await expect.poll(() => heard(channel, job.id)).toEqual(['queued', 'running', 'completed']);
    await channel.close();
    expect(await read(here, launch, (await found()).outputs[0]!.id)).toBe('worked off');

    const made = await here.ask(launch, 'HANABI_SCHEDULE_CREATE', { trigger: { seconds: 3600 } });
    const { id } = (made.data as { schedule: { id: string } }).schedule;
    await db
      .updateTable('schedules')
      .set({ next_run_ms: Date.now() - 1 })
      .where('id', '=', id)
      .execute();
    const fired = () => db.selectFrom('jobs').select('state').where('schedule_id', '=', id).execute();
    // Whoever looks first; the others look within the same time and find that it is done.
    await expect.poll(fired, { timeout: 40_000 }).toEqual([{ state: 'completed' }]);
    await executor.stop();
    expect(await fired()).toHaveLength(1);
  }, 90_000);

  it('is shown to administrators, with its places, as long as it is there', async () => {
    const env = { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap', HANABI_WORKER_JOBS_MAX: '3' };
    const executor = await cluster.start('executor', env);
    expect(await servers()).toEqual(['server 0', 'server 0', 'executor 3']);
    await executor.stop();
    expect(await servers()).toEqual(['server 0', 'server 0']);
  }, 60_000);
});
