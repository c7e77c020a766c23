/** What a desktop is told without asking, and the jobs and schedules as the Jobs window shows them. */
import {
  DESKTOP_PATHS,
  type Job,
  type Launch,
  LIMITS,
  LIVE_EVENTS,
  type LiveEvent,
  type Permission,
  type UserJob,
  type UserJobDetails,
  type UserJobs,
  type UserSchedules,
} from '@hanabi/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BUS_MESSAGE_BYTES_MAX, type BusMessage, LocalBus } from '../src/live/bus.ts';
import { Live } from '../src/live/live.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { hanabi } from './harness/hanabi.ts';
import { LiveClient } from './harness/live-client.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const WORKS = `
import time
def run(inputs, options):
    print("works on " + ",".join(sorted(inputs)))
    yield {"pct": 40, "message": "nearly half"}
    time.sleep(float(options.get("seconds", 0)))
    if options.get("fails"):
        raise ValueError("as it was told")
    return {"out.txt": "done"}
`;
const ALL: Permission[] = [
  'files.read',
  'files.write',
  'data.store',
  'jobs.create',
  'jobs.queue',
  'jobs.schedule',
  'jobs.emit_progress',
  'worker.execute',
];

let server: RunningServer;
let desktop: Desktop;
let stranger: Desktop;
let launch: Launch;
let here: LiveClient;
let there: LiveClient;
let elsewhere: LiveClient;
beforeAll(async () => {
  server = await startServer({
    users: ['other'],
    env: {
      HANABI_MODULE_DIRS: await makeModule({ id: 'works', permissions: ALL, worker: WORKS }),
      HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
      HANABI_WORKER_JOBS_MAX: '1',
    },
  });
  desktop = await Desktop.signIn(server.url);
  stranger = await Desktop.signIn(server.url, 'other', 'other');
  launch = await desktop.launch('works');
});
afterAll(() => server.stop());
beforeEach(async () => {
  here = await LiveClient.open(desktop);
  there = await LiveClient.open(await Desktop.signIn(server.url));
  elsewhere = await LiveClient.open(stranger);
});
afterEach(() => Promise.all([here, there, elsewhere].map((client) => client.close())));

const news = (client: LiveClient): LiveEvent[] =>
  client.messages.flatMap((message) => (message.op === 'live' ? [message.event] : []));
const ofTopic = <T extends LiveEvent['topic']>(client: LiveClient, topic: T) =>
  news(client).filter((event): event is Extract<LiveEvent, { topic: T }> => event.topic === topic);
const states = (client: LiveClient, id: string) => [
  ...new Set(ofTopic(client, 'job').flatMap((event) => (event.id === id ? [event.state] : []))),
];
const queue = async (payload: object = {}): Promise<Job> => {
  const answer = await desktop.ask(launch, 'HANABI_QUEUE_TASK', payload);
  if (!answer.ok) throw new Error(answer.error.code);
  return (answer.data as { job: Job }).job;
};
const json = async <T>(response: Response): Promise<T> => {
  if (!response.ok) throw new Error((await errorOf(response)).code);
  return (await response.json()) as T;
};
const job = async (id: string, who = desktop) =>
  json<UserJobDetails>(await who.send('GET', `${DESKTOP_PATHS.jobs}/${id}`));
const jobs = async (query = '', who = desktop) =>
  json<UserJobs>(await who.send('GET', `${DESKTOP_PATHS.jobs}?${query}`));
const act = (id: string, deed: string, who = desktop) => who.send('POST', `${DESKTOP_PATHS.jobs}/${id}/${deed}`, {});
const inState = (id: string, state: Job['state']) =>
  expect.poll(async () => (await job(id)).state, { timeout: 20_000 }).toBe(state);

describe('news', () => {
  it('of a job reach every desktop of its user from the beginning to the end, and nobody else', async () => {
    const { id } = await queue();
    for (const client of [here, there]) {
      await expect.poll(() => states(client, id), { timeout: 20_000 }).toEqual(['queued', 'running', 'completed']);
      const pcts = ofTopic(client, 'job').flatMap((event) => (event.id === id ? [event.progress_pct] : []));
      expect(pcts).toContain(40);
      expect(pcts.at(-1)).toBe(100);
      // Its output lies among the files now.
      await expect.poll(() => ofTopic(client, 'files').length).toBeGreaterThan(0);
    }
    expect(news(elsewhere)).toEqual([]);
  });

  it('of a job that failed bring its code', async () => {
    const { id } = await queue({ options: { fails: true } });
    await expect.poll(() => states(here, id), { timeout: 20_000 }).toContain('failed');
    expect(ofTopic(here, 'job').findLast((event) => event.id === id)?.error_code).toBe('HANABI-W008');
  });

  it('of a document say which window wrote it', async () => {
    await here.ask(launch, 'HANABI_DATA_PUT', { collection: 'c', id: 'x', data: 1 });
    await desktop.ask(launch, 'HANABI_DATA_DELETE', { collection: 'c', id: 'x' });
    await desktop.ask(launch, 'HANABI_DATA_DELETE', { collection: 'c', id: 'x' });
    const change = { topic: 'data', module_id: 'works', collection: 'c', id: 'x', by: launch.id };
    for (const client of [here, there]) {
      await expect
        .poll(() => ofTopic(client, 'data'))
        .toEqual([
          { ...change, version: 1 },
          { ...change, version: null },
        ]);
    }
    // What the user deletes in the window of module data, no module has done.
    await here.ask(launch, 'HANABI_DATA_PUT', { collection: 'c', id: 'y', data: 1 });
    await desktop.send('DELETE', `${DESKTOP_PATHS.moduleData}/works/documents?collection=c&id=y`);
    await expect.poll(() => ofTopic(there, 'data').at(-1)).toMatchObject({ id: 'y', version: null, by: null });
    expect(news(elsewhere)).toEqual([]);
  });

  it('of files come when the desktop or a module changed some, and not for looking at them', async () => {
    const looks = () => ofTopic(there, 'files').length;
    const { id } = await desktop.upload('seen.txt', 'x');
    await expect.poll(looks).toBe(1);
    await desktop.folder('root');
    await desktop.ask(launch, 'HANABI_WRITE_FILE', { name: 'mine.txt', bytesB64: 'AA==' });
    await expect.poll(looks, { timeout: 5000 }).toBe(2);
    await desktop.send('POST', `${DESKTOP_PATHS.items}/trash`, { items: [{ file_id: id }] });
    await expect.poll(looks, { timeout: 5000 }).toBe(3);
    expect(await errorOf(await desktop.send('POST', `${DESKTOP_PATHS.items}/trash`, { items: [] }))).toBeDefined();
    expect(ofTopic(elsewhere, 'files')).toEqual([]);
  });

  it('of what is granted reach everybody, from the command line, too', async () => {
    await hanabi(server.data_dir, 'module', 'grant', 'works', 'jobs.create');
    for (const client of [here, elsewhere]) {
      await expect.poll(() => ofTopic(client, 'rights').length, { timeout: 10_000 }).toBeGreaterThan(0);
    }
  });

  it('each fit into one message of the bus, whatever modules name their things', () => {
    const bus = new LocalBus();
    const sent: BusMessage[] = [];
    bus.subscribe((message) => sent.push(message));
    const live = new Live(bus, () => Promise.resolve(true));
    const long = '𝔘'.repeat(LIMITS.data_id_chars_max);
    live.dataChanged('u', { module_id: 'm'.repeat(64), collection: long, id: long, version: 1, by: 'l'.repeat(64) });
    live.jobChanged('u', {
      id: 'j',
      module_id: 'm',
      kind: 'task',
      state: 'failed',
      progress_pct: 1 / 3,
      error_code: 'x',
    });
    live.schedulesChanged('u');
    live.serviceChanged('u', { module_id: 'm'.repeat(64), what: 'monitor' });
    live.filesChanged('u');
    live.desktopChanged('u');
    live.preferencesChanged('u');
    live.workflowChanged('u', { module_id: 'm'.repeat(64), run_id: 'r'.repeat(64) });
    live.notified('u');
    live.rightsChanged();
    live.sessionEnded('h'.repeat(64));
    live.close();
    const topics = sent.flatMap((message) => (message.kind === 'event' ? [message.event.topic] : []));
    expect([...topics, 'missed'].sort()).toEqual(Object.keys(LIVE_EVENTS).sort());
    for (const message of sent) expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(BUS_MESSAGE_BYTES_MAX);
  });
});

describe('the jobs of a user', () => {
  it('are listed newest first, of all modules, by state, by id and in pages, and are nobody else’s', async () => {
    const done = await queue();
    await inState(done.id, 'completed');
    const running = await queue({ options: { seconds: 60 } });
    await inState(running.id, 'running');
    const waiting = await queue();
    const all = await jobs();
    expect(all.jobs.slice(0, 3).map(({ id }) => id)).toEqual([waiting.id, running.id, done.id]);
    expect(all.jobs[0]).toMatchObject({ module_id: 'works', module_name: 'works', state: 'queued', queue_position: 1 });
    expect(all.jobs[2]?.outputs[0]).toMatchObject({ name: expect.stringMatching(/^out/) as string });
    expect((await jobs('state=queued,running')).jobs.map(({ id }) => id)).toEqual([waiting.id, running.id]);
    expect((await jobs(`ids=${done.id},${running.id}`)).jobs.map(({ id }) => id)).toEqual([running.id, done.id]);
    expect((await jobs('module=nothing')).jobs).toEqual([]);
    expect((await jobs('', stranger)).jobs).toEqual([]);
    for (const deed of ['cancel', 'again']) {
      expect(await errorOf(await act(running.id, deed, stranger))).toMatchObject({ code: 'HANABI-W020' });
    }
    expect(await errorOf(await stranger.send('GET', `${DESKTOP_PATHS.jobs}/${running.id}`))).toMatchObject({
      code: 'HANABI-W020',
    });
    for (const { id } of [waiting, running]) expect((await act(id, 'cancel')).status).toBe(200);
  });

  it('end at once when the user cancels them, waiting or running, and leave no output', async () => {
    const running = await queue({ options: { seconds: 60 } });
    await inState(running.id, 'running');
    const waiting = await queue();
    // A module may not: its own capability is for jobs that wait.
    expect((await desktop.ask(launch, 'HANABI_CANCEL_JOB', { jobId: running.id })).error.code).toBe('HANABI-W019');
    for (const { id } of [waiting, running]) {
      const cancelled = await json<UserJob>(await act(id, 'cancel'));
      expect(cancelled).toMatchObject({ state: 'cancelled', error: { code: 'HANABI-W016' }, outputs: [] });
      await expect.poll(() => states(there, id)).toContain('cancelled');
      expect(await errorOf(await act(id, 'cancel'))).toMatchObject({ code: 'HANABI-W019' });
    }
    // Its place is free again: the worker has really ended.
    const next = await queue();
    await inState(next.id, 'completed');
    expect((await job(running.id)).state).toBe('cancelled');
  });

  it('end for the page that waits for one, too', async () => {
    const id = here.call(launch, 'HANABI_CREATE_JOB', { options: { seconds: 60 }, stream: true });
    await expect.poll(() => ofTopic(here, 'job').some(({ state }) => state === 'running')).toBe(true);
    await act(ofTopic(here, 'job')[0]!.id, 'cancel');
    expect((await here.reply(id)).error).toMatchObject({ code: 'HANABI-W016' });
  });

  it('run again on the same contents and with the same options, as long as those are there', async () => {
    const folder = launch.context.folders.find(({ role }) => role === 'input')!.id;
    const file = await desktop.upload('again.txt', 'first', folder);
    const first = await queue({ inputRefs: [file.id], options: { fails: true } });
    await inState(first.id, 'failed');
    const again = await json<UserJobDetails>(await act(first.id, 'again'));
    expect(again).toMatchObject({ kind: 'task', options: { fails: true }, inputs: ['again.txt'] });
    expect(again.id).not.toBe(first.id);
    await inState(again.id, 'failed');
    expect((await job(again.id)).log).toContain('works on again.txt');
    await desktop.upload('again.txt', 'second', folder);
    const gone = await desktop.folder(folder);
    // The upload kept both; with the first one gone for good, so is what the job worked on.
    const items = gone.files.filter(({ id }) => id === file.id).map(({ id }) => ({ file_id: id }));
    await desktop.send('POST', `${DESKTOP_PATHS.items}/trash`, { items });
    await desktop.send('DELETE', DESKTOP_PATHS.trash);
    expect(await errorOf(await act(first.id, 'again'))).toMatchObject({ code: 'HANABI-W022' });
  });
});

describe('the schedules of a user', () => {
  it('are shown, stopped, run at once and deleted, and every desktop hears of it', async () => {
    const made = await desktop.ask(launch, 'HANABI_SCHEDULE_CREATE', {
      name: 'Nightly',
      trigger: { cron: '30 2 * * *' },
      options: { seconds: 60 },
    });
    const { id } = made.data['schedule'] as { id: string };
    const path = `${DESKTOP_PATHS.schedules}/${id}`;
    const list = async (who = desktop) =>
      (await json<UserSchedules>(await who.send('GET', DESKTOP_PATHS.schedules))).schedules;
    expect(await list()).toMatchObject([{ id, name: 'Nightly', module_name: 'works', enabled: true }]);
    expect(await list(stranger)).toEqual([]);
    await expect.poll(() => ofTopic(there, 'schedules').length).toBe(1);
    const run = await json<UserJobDetails>(await desktop.send('POST', `${path}/run`, {}));
    expect(run).toMatchObject({ kind: 'schedule', schedule_id: id });
    await expect.poll(() => states(there, run.id)).toContain('queued');
    expect(await errorOf(await desktop.send('POST', `${path}/run`, {}))).toMatchObject({ code: 'HANABI-W023' });
    await act(run.id, 'cancel');
    const before = (await list())[0]!.next_run_at;
    expect(before).not.toBeNull();
    await desktop.send('PUT', path, { enabled: false });
    expect(await list()).toMatchObject([{ enabled: false, next_run_at: null, last_job_id: run.id }]);
    for (const [method, end] of [
      ['PUT', ''],
      ['POST', '/run'],
      ['DELETE', ''],
    ] as const) {
      const response = await stranger.send(method, path + end, { enabled: true });
      expect(await errorOf(response)).toMatchObject({ code: 'HANABI-W021' });
    }
    expect((await desktop.send('DELETE', path)).status).toBe(204);
    expect(await list()).toEqual([]);
    await expect.poll(() => ofTopic(there, 'schedules').length).toBe(4);
  });
});
