/** Work that outlives the page, as modules see it: QUEUE_TASK, GET_JOB, CANCEL_JOB, LIST_JOBS. */
import type { Job, Launch, Permission } from '@hanabi/protocol';
import { LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { hanabi } from './harness/hanabi.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const ECHO = `
import time
def run(inputs, options):
    print("says " + str(options.get("say")))
    yield {"pct": 50, "message": "half"}
    if options.get("fails"):
        raise ValueError("as it was told")
    time.sleep(float(options.get("seconds", 0)))
    return {"out-" + name: data for name, data in inputs.items()} or {"out.txt": str(options.get("say"))}
`;
const ALL: Permission[] = ['files.read', 'files.write', 'jobs.create', 'jobs.queue', 'worker.execute'];

let server: RunningServer;
let desktop: Desktop;
let stranger: Desktop;
beforeAll(async () => {
  const dirs = [
    await makeModule({ id: 'echo', permissions: [...ALL, 'jobs.emit_progress'], worker: ECHO }),
    await makeModule({ id: 'echo-two', permissions: ALL, worker: ECHO }),
    await makeModule({ id: 'no-queue', permissions: ['jobs.create', 'worker.execute'], worker: ECHO }),
    await makeModule({ id: 'no-worker', permissions: ['jobs.queue'] }),
  ];
  server = await startServer({
    users: ['other'],
    env: {
      HANABI_MODULE_DIRS: dirs.join(':'),
      HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
      HANABI_WORKER_JOBS_MAX: '1',
    },
  });
  desktop = await Desktop.signIn(server.url);
  stranger = await Desktop.signIn(server.url, 'other', 'other');
});
afterAll(() => server.stop());

type Found = Job & { log: string };
const get = async (launch: Launch, jobId: string, who = desktop) =>
  ((await who.ask(launch, 'HANABI_GET_JOB', { jobId })).data as { job: Found }).job;
const queue = async (launch: Launch, payload: object = {}, who = desktop) => {
  const answer = await who.ask(launch, 'HANABI_QUEUE_TASK', payload);
  if (!answer.ok) throw new Error(answer.error.code);
  return (answer.data as { job: Job }).job;
};
const ended = async (launch: Launch, jobId: string, who = desktop): Promise<Found> => {
  let job!: Found;
  const isOver = async () => {
    job = await get(launch, jobId, who);
    return job.finished_at !== null;
  };
  await expect.poll(isOver, { timeout: 30_000 }).toBe(true);
  return job;
};
/** Holds the only place until it is told to leave it. */
async function holdPlace(): Promise<() => Promise<void>> {
  const launch = await desktop.launch('no-queue');
  const gone = new AbortController();
  const asked = fetch(`${server.url}/api/capabilities/HANABI_CREATE_JOB`, {
    method: 'POST',
    headers: {
      cookie: desktop.cookie,
      'x-hanabi-csrf': desktop.csrf,
      'x-hanabi-launch': launch.id,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ stream: true, options: { seconds: 3600 } }),
    signal: gone.signal,
  });
  asked.catch(() => undefined);
  const state = async () => {
    const { jobs } = (await desktop.ask(launch, 'HANABI_LIST_JOBS')).data as { jobs: Job[] };
    return jobs[0]?.state;
  };
  await expect.poll(state, { timeout: 20_000 }).toBe('running');
  return async () => {
    gone.abort();
    await asked.catch(() => undefined);
    await expect.poll(state, { timeout: 20_000 }).toBe('cancelled');
  };
}

describe('QUEUE_TASK', () => {
  it('answers at once, and the job ends while nobody waits', async () => {
    const launch = await desktop.launch('echo');
    const folder = launch.context.folders.find(({ role }) => role === 'input')!;
    const file = await desktop.upload('one.txt', 'first', folder.id);
    const job = await queue(launch, { options: { say: 'hello' }, inputRefs: [file.id] });
    expect(job).toMatchObject({ kind: 'task', outputs: [], error: null, options: { say: 'hello' } });
    expect(['queued', 'running']).toContain(job.state);
    const found = await ended(launch, job.id);
    expect(found).toMatchObject({ state: 'completed', progress_pct: 100, queue_position: null, log: 'says hello\n' });
    expect(found.outputs.map(({ name }) => name)).toEqual(['out-one.txt']);
    const { jobs } = (await desktop.ask(launch, 'HANABI_LIST_JOBS')).data as { jobs: Job[] };
    expect(jobs[0]).toMatchObject({ id: job.id, state: 'completed' });
  });

  it('keeps why a worker failed', async () => {
    const launch = await desktop.launch('echo');
    const found = await ended(launch, (await queue(launch, { options: { fails: true } })).id);
    expect(found).toMatchObject({ state: 'failed', error: { code: 'HANABI-W008' } });
    expect(found.log).toContain('as it was told');
  });

  it('works on the files as they were when it was asked for', async () => {
    const launch = await desktop.launch('echo');
    const folder = launch.context.folders.find(({ role }) => role === 'input')!;
    const leave = await holdPlace();
    const file = await desktop.upload('kept.txt', 'kept', folder.id);
    const job = await queue(launch, { inputRefs: [file.id] });
    expect((await desktop.send('POST', '/api/items/trash', { items: [{ file_id: file.id }] })).status).toBe(204);
    expect((await desktop.send('DELETE', '/api/trash')).status).toBe(204);
    await leave();
    const { outputs } = await ended(launch, job.id);
    const read = await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: outputs[0]!.id });
    expect(Buffer.from(read.data['bytesB64'] as string, 'base64').toString()).toBe('kept');
  });

  it('is refused where nothing could run', async () => {
    const none = await desktop.ask(await desktop.launch('no-worker'), 'HANABI_QUEUE_TASK', {});
    expect(none.error).toMatchObject({ code: 'HANABI-W001' });
    const not = await desktop.ask(await desktop.launch('no-queue'), 'HANABI_QUEUE_TASK', {});
    expect(not.error).toMatchObject({ code: 'HANABI-P001' });
    const foreign = await stranger.upload('x.txt', 'x');
    const file = await desktop.ask(await desktop.launch('echo'), 'HANABI_QUEUE_TASK', { inputRefs: [foreign.id] });
    expect(file.error).toMatchObject({ code: 'HANABI-F001' });
  });
});

describe('a queued task', () => {
  it('is in line, can be cancelled as long as it is, and leaves no output then', async () => {
    const launch = await desktop.launch('echo');
    const leave = await holdPlace();
    const waiting = [await queue(launch), await queue(launch), await queue(launch)];
    const positions = async () => Promise.all(waiting.map(async ({ id }) => (await get(launch, id)).queue_position));
    await expect.poll(positions).toEqual([1, 2, 3]);
    const answer = await desktop.ask(launch, 'HANABI_CANCEL_JOB', { jobId: waiting[1]!.id });
    expect(answer.data).toMatchObject({ job: { state: 'cancelled', queue_position: null } });
    await expect.poll(async () => (await get(launch, waiting[2]!.id)).queue_position).toBe(2);
    const again = await desktop.ask(launch, 'HANABI_CANCEL_JOB', { jobId: waiting[1]!.id });
    expect(again.error).toMatchObject({ code: 'HANABI-W019' });
    await leave();
    expect(await ended(launch, waiting[0]!.id)).toMatchObject({ state: 'completed' });
    expect(await ended(launch, waiting[2]!.id)).toMatchObject({ state: 'completed' });
    expect(await get(launch, waiting[1]!.id)).toMatchObject({ state: 'cancelled', outputs: [], started_at: null });
  });

  it('goes behind a page that waits, which is told its place in line', async () => {
    const launch = await desktop.launch('echo');
    const leave = await holdPlace();
    const task = await queue(launch);
    let told = 0;
    const page = desktop.ask(
      launch,
      'HANABI_CREATE_JOB',
      { stream: true, options: { say: 'page' } },
      () => (told += 1),
    );
    await expect.poll(async () => (await get(launch, task.id)).queue_position).toBe(2);
    await expect.poll(() => told).toBeGreaterThan(0);
    await leave();
    const { events, data } = await page;
    expect(events[0]).toMatchObject({
      type: 'HANABI_JOB_PROGRESS',
      progressPct: 0,
      message: 'Waiting for a place: number 1 in line',
    });
    const first = (data as { job: Job }).job;
    const second = await ended(launch, task.id);
    expect(Date.parse(first.started_at!)).toBeLessThanOrEqual(Date.parse(second.started_at!));
  });

  it('ends with a code when what it needs was taken away while it waited', async () => {
    const launch = await desktop.launch('echo-two');
    const leave = await holdPlace();
    // More than the server takes ahead: some stand in the line of the sandbox by then, with all that they were granted.
    const tasks = [await queue(launch), await queue(launch), await queue(launch), await queue(launch)];
    const denied = await hanabi(server.data_dir, 'module', 'grant', 'echo-two', 'worker.execute', '--revoke');
    expect(denied.stderr).toBe('');
    await leave();
    for (const { id } of tasks) {
      const job = await ended(launch, id);
      expect(job).toMatchObject({ state: 'failed', error: { code: 'HANABI-P002' }, started_at: null });
    }
    await hanabi(server.data_dir, 'module', 'grant', 'echo-two', 'worker.execute');
  });

  it('is stopped with a code when what it needs is taken away while it runs', async () => {
    const launch = await desktop.launch('echo-two');
    const { id } = await queue(launch, { options: { seconds: 25 } });
    await expect.poll(async () => (await get(launch, id)).state, { timeout: 20_000 }).toBe('running');
    await hanabi(server.data_dir, 'module', 'grant', 'echo-two', 'worker.execute', '--revoke');
    expect(await ended(launch, id)).toMatchObject({ state: 'failed', error: { code: 'HANABI-P002' }, outputs: [] });
    await hanabi(server.data_dir, 'module', 'grant', 'echo-two', 'worker.execute');
  });

  it('that runs is not cancelled', async () => {
    const launch = await desktop.launch('no-queue');
    const leave = await holdPlace();
    const { jobs } = (await desktop.ask(launch, 'HANABI_LIST_JOBS')).data as { jobs: Job[] };
    const queuing = await desktop.launch('echo');
    // Of another module: not even found.
    const other = await desktop.ask(queuing, 'HANABI_CANCEL_JOB', { jobId: jobs[0]!.id });
    expect(other.error).toMatchObject({ code: 'HANABI-W020' });
    await leave();
    const busy = await queue(queuing, { options: { seconds: 2 } });
    await expect.poll(async () => (await get(queuing, busy.id)).state, { timeout: 20_000 }).toBe('running');
    const refused = await desktop.ask(queuing, 'HANABI_CANCEL_JOB', { jobId: busy.id });
    expect(refused.error).toMatchObject({ code: 'HANABI-W019', category: 'INVALID' });
    expect((await ended(queuing, busy.id)).state).toBe('completed');
  });

  it('is one of a bounded number', async () => {
    const launch = await desktop.launch('echo');
    const leave = await holdPlace();
    const max = LIMITS.tasks_in_flight_per_module_max;
    const tasks = await Promise.all(Array.from({ length: max }, () => queue(launch)));
    const refused = await desktop.ask(launch, 'HANABI_QUEUE_TASK', {});
    expect(refused.error).toMatchObject({ code: 'HANABI-Q004' });
    // Neither another module nor another user has less for it.
    const two = await desktop.launch('echo-two');
    await desktop.ask(two, 'HANABI_CANCEL_JOB', { jobId: (await queue(two)).id });
    const theirs = await stranger.launch('echo');
    await stranger.ask(theirs, 'HANABI_CANCEL_JOB', { jobId: (await queue(theirs, {}, stranger)).id });
    await Promise.all(tasks.map(({ id }) => desktop.ask(launch, 'HANABI_CANCEL_JOB', { jobId: id })));
    await leave();
    for (const { id } of tasks) expect((await ended(launch, id)).state).toMatch(/cancelled|completed/);
  });
});

describe('two modules of two users', () => {
  it('find their own jobs and none of the others', async () => {
    const owners = [desktop, stranger].flatMap((who) => ['echo', 'echo-two'].map((id) => ({ who, id })));
    const all: { who: Desktop; launch: Launch; job: Job }[] = [];
    for (const { who, id } of owners) {
      const launch = await who.launch(id);
      all.push({ who, launch, job: await queue(launch, { options: { say: id } }, who) });
    }
    for (const { who, launch, job } of all) {
      for (const other of all) {
        const own = other.job.id === job.id;
        const found = await who.ask(launch, 'HANABI_GET_JOB', { jobId: other.job.id });
        expect(found.error?.code).toBe(own ? undefined : 'HANABI-W020');
        if (own) continue;
        const cancelled = await who.ask(launch, 'HANABI_CANCEL_JOB', { jobId: other.job.id });
        expect(cancelled.error?.code).toBe('HANABI-W020');
      }
      expect(await ended(launch, job.id, who)).toMatchObject({ state: 'completed' });
      const { jobs } = (await who.ask(launch, 'HANABI_LIST_JOBS')).data as { jobs: Job[] };
      const foreign = new Set(all.filter((other) => other.job.id !== job.id).map((other) => other.job.id));
      expect(jobs.map(({ id }) => id)).toContain(job.id);
      expect(jobs.filter(({ id }) => foreign.has(id))).toEqual([]);
    }
  });
});
