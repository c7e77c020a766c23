/** Places of a sandbox: who waits is told where it stands, and a place is free when the job in it is dead. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectSandbox, createSandbox, type JobEvent, type Sandbox, serveSandbox } from '../src/index.ts';
import { describeSandboxed, jobOf, QUICK_LIMITS, runJob } from './test-sandbox.ts';

const never = new AbortController().signal;

let folder: string;
let sandbox: Sandbox;
let served: { close(): Promise<void> };
let remote: Sandbox;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hanabi-places-'));
  await chmod(folder, 0o755);
  const work_dir = join(folder, 'work');
  await mkdir(work_dir, { mode: 0o711 });
  sandbox = await createSandbox({ backend: 'bubblewrap', work_dir, jobs_max: 1 });
  served = await serveSandbox(sandbox, join(folder, 'socket'));
  remote = connectSandbox(join(folder, 'socket'));
});
afterEach(async () => {
  await remote.close();
  await served.close();
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

/** Pulls until an event of that kind. */
async function until(job: AsyncGenerator<JobEvent, unknown, void>, kind: JobEvent['kind']): Promise<JobEvent> {
  for (;;) {
    const step = await job.next();
    if (step.done) throw new Error(`it ended before "${kind}"`);
    if (step.value.kind === kind) return step.value;
  }
}

/** Pulls to its end. */
async function rest(job: AsyncGenerator<JobEvent, unknown, void>): Promise<void> {
  for (let step = await job.next(); !step.done; ) step = await job.next();
}

describeSandboxed('a place', () => {
  it.each(['here', 'behind the socket'])('is waited for in view: %s', async (where) => {
    const through = where === 'here' ? sandbox : remote;
    const gone = new AbortController();
    const first = through.runJob(jobOf('sleeps'), gone.signal);
    await until(first, 'started');
    const second = through.runJob(jobOf('returns_dict', { patient: true }), never);
    expect((await second.next()).value).toEqual({ kind: 'queued', position: 1 });
    const third = runJob(through, jobOf('returns_dict', { share: { owner: 'u', module: 'm', priority: -1 } }));
    gone.abort();
    // What it said before is heard first.
    await expect(rest(first)).rejects.toMatchObject({ code: 'HANABI-W016' });
    expect((await second.next()).value).toEqual({ kind: 'admitted' });
    await until(second, 'started');
    await rest(second);
    const { events, error } = await third;
    expect(error).toBeUndefined();
    expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['queued', 'admitted', 'started']));
  });

  it('is not used before the one who was told of it pulls on', async () => {
    const held = remote.runJob(jobOf('returns_dict'), never);
    await until(held, 'admitted');
    const next = runJob(remote, jobOf('returns_dict'));
    expect(await Promise.race([next, sandbox.status()])).toMatchObject({ ready: true });
    await held.return(undefined as never);
    expect((await next).error).toBeUndefined();
  });

  it('is free when the job is dead, although nobody reads what it said', async () => {
    const limits = { ...QUICK_LIMITS, wall_ms_max: 1500 };
    const stalled = remote.runJob(jobOf('yields_much_output', { limits }), never);
    await until(stalled, 'started');
    const next = await runJob(remote, jobOf('returns_dict', { patient: true }));
    expect(next.error).toBeUndefined();
    // What it said before is still there to be read, and how it ended.
    await until(stalled, 'output');
    await expect(rest(stalled)).rejects.toMatchObject({ code: 'HANABI-W004' });
  });
});
