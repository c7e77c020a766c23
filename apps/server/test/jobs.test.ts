import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { makeModule, type ModuleWish } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const UPPER = `
def run(inputs, options):
    for index, name in enumerate(inputs):
        yield {"pct": 100 * index // len(inputs), "message": name}
        yield {"output": name + "\\n", "encoding": "text"}
    return {"upper-" + name: data.decode().upper() for name, data in inputs.items()}
`;
const HALF = `
def run(inputs, options):
    print("the author's own words")
    raise ValueError("no good: " + options["word"])
`;
const ENDLESS = `
import time
def run(inputs, options):
    yield {"pct": 1, "message": "started"}
    while True:
        time.sleep(0.05)
        yield {"pct": 2, "message": "still here"}
`;

let server: RunningServer;
let desktop: Desktop;
let dirs: string;
beforeAll(async () => {
  const all: ModuleWish['permissions'] = [
    'files.read',
    'files.write',
    'jobs.create',
    'jobs.emit_progress',
    'worker.execute',
  ];
  const wishes: ModuleWish[] = [
    { id: 'upper', permissions: all, worker: UPPER },
    { id: 'failing', permissions: all, worker: HALF },
    { id: 'endless', permissions: all, worker: ENDLESS },
    { id: 'silent', permissions: ['files.read', 'jobs.create', 'worker.execute'], worker: UPPER },
    { id: 'no-worker', permissions: all },
  ];
  const made: string[] = [];
  for (const wish of wishes) made.push(await makeModule(wish));
  dirs = made.join(':');
  server = await startServer({ env: { HANABI_MODULE_DIRS: dirs, HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' } });
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

async function withInputs(moduleId: string) {
  const launch = await desktop.launch(moduleId);
  const folder = launch.context.folders.find(({ role }) => role === 'input')!;
  const find = async (name: string, text: string) =>
    (await desktop.folder(folder.id)).files.find((file) => file.name === name) ??
    (await desktop.upload(name, text, folder.id));
  const one = await find('one.txt', 'first');
  const two = await find('two.txt', 'second');
  return { launch, inputRefs: [one.id, { id: two.id }] };
}

const exportsOf = async (moduleId: string) => (await desktop.folderAt('Modules', moduleId, 'Exports')).files;

describe('CREATE_JOB', () => {
  it('runs the worker and puts what it returns into Exports', async () => {
    const { launch, inputRefs } = await withInputs('upper');
    const answer = await desktop.ask(launch, 'HANABI_CREATE_JOB', { inputRefs, options: { a: 1 } });
    const { job } = answer.data as { job: Job };
    expect(job).toMatchObject({ state: 'completed', progress_pct: 100, options: { a: 1 }, error: null });
    expect(job.outputs.map(({ name }) => name)).toEqual(['upper-one.txt', 'upper-two.txt']);
    const read = await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: job.outputs[1]!.id });
    expect(Buffer.from(read.data['bytesB64'] as string, 'base64').toString()).toBe('SECOND');
    expect((await exportsOf('upper')).map(({ name }) => name)).toEqual(['upper-one.txt', 'upper-two.txt']);
    expect(await readdir(join(server.data_dir, 'sandbox', 'outbox'))).toEqual([]);
  });

  it('streams progress and output in order when asked to', async () => {
    const { launch, inputRefs } = await withInputs('upper');
    const answer = await desktop.ask(launch, 'HANABI_CREATE_JOB', { inputRefs, stream: true });
    expect(answer.ok).toBe(true);
    const output = answer.events.filter((event) => event.type === 'HANABI_JOB_OUTPUT');
    expect(output).toMatchObject([
      { seq: 1, chunk: 'one.txt\n', encoding: 'text' },
      { seq: 2, encoding: 'text' },
    ]);
    expect(answer.events.some((event) => event.type === 'HANABI_JOB_PROGRESS')).toBe(true);
    const { job } = answer.data as { job: Job };
    expect(answer.events.every((event) => event.jobId === job.id)).toBe(true);
  });

  it('keeps what earlier runs made', async () => {
    const { launch, inputRefs } = await withInputs('upper');
    const { job } = (await desktop.ask(launch, 'HANABI_CREATE_JOB', { inputRefs: inputRefs.slice(0, 1) })).data as {
      job: Job;
    };
    expect(job.outputs[0]!.name).toMatch(/^upper-one \(\d+\)\.txt$|^upper-one\.txt$/);
    const names = (await exportsOf('upper')).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('shows no progress of a module that may not', async () => {
    const { launch, inputRefs } = await withInputs('silent');
    const answer = await desktop.ask(launch, 'HANABI_CREATE_JOB', { inputRefs, stream: true });
    expect(answer.ok).toBe(true);
    expect(answer.events.map(({ type }) => type)).not.toContain('HANABI_JOB_PROGRESS');
  });

  it('ends a failing worker with its code, the author’s log, and nothing in Exports', async () => {
    const { launch, inputRefs } = await withInputs('failing');
    const answer = await desktop.ask(launch, 'HANABI_CREATE_JOB', { inputRefs, options: { word: 'this' } });
    expect(answer.error).toMatchObject({ code: 'HANABI-W008', category: 'FAILED' });
    expect(answer.error.message).toContain('no good: this');
    expect(answer.error.log).toContain("the author's own words");
    expect(answer.error.log).toContain('worker/main.py');
    expect(await exportsOf('failing')).toEqual([]);
    const { jobs } = (await desktop.ask(launch, 'HANABI_LIST_JOBS')).data as { jobs: Job[] };
    expect(jobs[0]).toMatchObject({
      id: answer.error.jobId,
      state: 'failed',
      error: { code: 'HANABI-W008' },
      outputs: [],
    });
  });

  it('has a clean error for a module without a worker', async () => {
    const answer = await desktop.ask(await desktop.launch('no-worker'), 'HANABI_CREATE_JOB', {});
    expect(answer.error).toMatchObject({ code: 'HANABI-W001' });
  });

  it('refuses inputs that the module may not read, before anything runs', async () => {
    const outside = await desktop.upload('outside.txt', 'x');
    const launch = await desktop.launch('upper');
    const answer = await desktop.ask(launch, 'HANABI_CREATE_JOB', { inputRefs: [outside.id] });
    expect(answer.error).toMatchObject({ code: 'HANABI-F002' });
    const opened = await desktop.launch('upper', { file_id: outside.id });
    expect((await desktop.ask(opened, 'HANABI_CREATE_JOB', { inputRefs: [outside.id] })).ok).toBe(true);
  });

  it('is cancelled when the one who asked goes away', async () => {
    const launch = await desktop.launch('endless');
    const gone = new AbortController();
    const response = await fetch(`${server.url}/api/capabilities/HANABI_CREATE_JOB`, {
      method: 'POST',
      headers: {
        cookie: desktop.cookie,
        'x-hanabi-csrf': desktop.csrf,
        'x-hanabi-launch': launch.id,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ stream: true }),
      signal: gone.signal,
    });
    await response.body!.getReader().read();
    gone.abort();
    const state = async () => {
      const { jobs } = (await desktop.ask(launch, 'HANABI_LIST_JOBS')).data as { jobs: Job[] };
      return jobs[0]?.state;
    };
    await expect.poll(state, { timeout: 10_000 }).toBe('cancelled');
  });
});

describe('LIST_JOBS', () => {
  it('lists the own jobs, newest first', async () => {
    const { launch, inputRefs } = await withInputs('upper');
    await desktop.ask(launch, 'HANABI_CREATE_JOB', { inputRefs, options: { mark: 'last' } });
    const { jobs } = (await desktop.ask(launch, 'HANABI_LIST_JOBS')).data as { jobs: Job[] };
    expect(jobs[0]!.options).toEqual({ mark: 'last' });
    const times = jobs.map(({ created_at }) => created_at);
    expect(times).toEqual(times.toSorted().toReversed());
    const other = (await desktop.ask(await desktop.launch('no-worker'), 'HANABI_LIST_JOBS')).data as { jobs: Job[] };
    expect(other.jobs).toEqual([]);
  });
});

describe('a server', () => {
  it('without a sandbox runs no worker at all', async () => {
    const plain = await startServer({ env: { HANABI_MODULE_DIRS: dirs } });
    try {
      const there = await Desktop.signIn(plain.url);
      const answer = await there.ask(await there.launch('upper'), 'HANABI_CREATE_JOB', {});
      expect(answer.error).toMatchObject({ code: 'HANABI-W002', category: 'UNAVAILABLE' });
    } finally {
      await plain.stop();
    }
  });
});
