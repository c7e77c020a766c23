/** Workers that send the host more than it can look at: they wait, and everyone else goes on. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import { describe, expect, it, vi } from 'vitest';
import { EventQueue } from '../src/event-queue.ts';
import { encodeJsonFrame } from '../src/frames.ts';
import { type JobEvent, type Sandbox, serveSandbox } from '../src/index.ts';
import {
  describeSandboxed,
  jobOf,
  mountsPackage,
  processesOf,
  QUICK_LIMITS,
  runJob,
  started,
  type TestSandbox,
  withSandbox,
} from './test-sandbox.ts';

const EVENTS_MAX = LIMITS.job_queued_chars_max / LIMITS.job_event_weight_chars;
const WORKER = 'floods_with_empty_outputs';

const empty = (seq: number): JobEvent & { kind: 'output' } => ({ kind: 'output', seq, chunk: '', encoding: 'text' });

describe('a queue that nobody pulls', () => {
  it('holds a bounded number of events, also of empty ones, and loses none when it is pulled', async () => {
    const queue = new EventQueue();
    let pushed = 0;
    const producer = (async () => {
      while (pushed < 3 * EVENTS_MAX) await queue.push(empty((pushed += 1)));
      queue.end();
    })();
    await new Promise((resolve) => setImmediate(resolve));
    expect(pushed).toBe(EVENTS_MAX + 1);
    const seen: number[] = [];
    for (let event = await queue.next(); event; event = await queue.next()) {
      if (event.kind === 'output') seen.push(event.seq);
    }
    await producer;
    expect(seen).toEqual(Array.from({ length: 3 * EVENTS_MAX }, (_, index) => index + 1));
  });

  it('takes nothing after its end', async () => {
    const queue = new EventQueue();
    await queue.push(empty(1));
    queue.end();
    await queue.push(empty(2));
    expect(await queue.next()).toMatchObject({ seq: 1 });
    expect(await queue.next()).toBeUndefined();
  });
});

const workersOf = (test: TestSandbox) => processesOf(test).filter(mountsPackage);

describeSandboxed('a worker that floods the host with empty outputs', () => {
  const test = withSandbox();

  it('waits for a consumer that does not pull', async () => {
    const limits = { ...QUICK_LIMITS, wall_ms_max: 1000 };
    const job = test.sandbox.runJob(jobOf(WORKER, { limits }), new AbortController().signal);
    await started(job);
    await vi.waitUntil(() => workersOf(test).length > 0, { timeout: 30_000 });
    // The wall clock ends it; nothing of it is pulled before.
    await vi.waitUntil(() => workersOf(test).length === 0, { timeout: 30_000 });
    let events = 0;
    await expect(
      (async () => {
        for (;;) if ((await job.next()).value) events += 1;
      })(),
    ).rejects.toMatchObject({ code: expect.stringMatching(/HANABI-W00[45]/) });
    expect(events).toBeGreaterThan(0);
    expect(events).toBeLessThanOrEqual(EVENTS_MAX + 2);
  });

  it('lets the event loop go on after a bounded number of frames', async () => {
    const limits = { ...QUICK_LIMITS, wall_ms_max: 1500 };
    let inThisTurn = 0;
    let most = 0;
    let turn = setImmediate(function next() {
      most = Math.max(most, inThisTurn);
      inThisTurn = 0;
      turn = setImmediate(next);
    });
    const job = test.sandbox.runJob(jobOf(WORKER, { limits }), new AbortController().signal);
    let events = 0;
    try {
      for (;;) {
        await job.next();
        events += 1;
        inThisTurn += 1;
      }
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/HANABI-W00[45]/) });
    } finally {
      clearImmediate(turn);
    }
    expect(events).toBeGreaterThan(10 * LIMITS.job_frames_per_turn_max);
    expect(most).toBeLessThanOrEqual(2 * LIMITS.job_frames_per_turn_max);
  });

  it('leaves the places of others alone', async () => {
    const cancel = new AbortController();
    const flood = runJob(test.sandbox, jobOf(WORKER), cancel.signal);
    const { files } = await runJob(test.sandbox, jobOf('returns_dict'));
    expect(files['a.txt']!.toString()).toBe('text');
    cancel.abort();
    expect((await flood).error?.code).toMatch(/HANABI-W0(05|16)/);
  });
});

describeSandboxed('a flood for a client of the supervisor who is gone', () => {
  const test = withSandbox();

  it('is not pulled any further, and ends', async () => {
    let pulled = 0;
    const counted: Sandbox = {
      ...test.sandbox,
      async *runJob(spec, signal) {
        const job = test.sandbox.runJob(spec, signal);
        try {
          for (;;) {
            const step = await job.next();
            if (step.done) return step.value;
            pulled += 1;
            yield step.value;
          }
        } finally {
          await job.return(undefined as never);
        }
      },
    };
    const socket_path = join(test.work_dir, 'gone.sock');
    const server = await serveSandbox(counted, socket_path);
    // Generous limits: nothing but the loss of the client ends this job in time.
    const limits = { ...QUICK_LIMITS, cpu_ms_max: 3600_000, wall_ms_max: 3600_000 };
    const socket = connect(socket_path).pause();
    socket.write(encodeJsonFrame({ kind: 'run', spec: jobOf(WORKER, { limits }) }));
    socket.write(encodeJsonFrame({ kind: 'go' }));
    // The client does not read, so that after a while the supervisor cannot send it anything more.
    let before = -1;
    await vi.waitUntil(
      () => {
        const stands = pulled > 2 && pulled === before;
        before = pulled;
        return stands;
      },
      { timeout: 30_000, interval: 200 },
    );
    const workers = workersOf(test);
    expect(workers).not.toEqual([]);
    socket.destroy();
    await vi.waitUntil(() => !workersOf(test).some((pid) => workers.includes(pid)), { timeout: 30_000 });
    await server.close();
    expect(pulled - before).toBeLessThanOrEqual(1);
  });
});

describeSandboxed('a worker that names an output with very many accents', () => {
  const test = withSandbox();

  it.each([LIMITS.output_name_chars_max, 200_000])('is refused: %i pairs of them', async (pairs) => {
    const { error } = await runJob(test.sandbox, jobOf('names_an_output_with_accents', { options: { pairs } }));
    expect(error).toMatchObject({ code: 'HANABI-W014', message: expect.stringMatching(/unknown shape/) });
  });

  it('within the bound has them cut off', async () => {
    const { result } = await runJob(test.sandbox, jobOf('names_an_output_with_accents', { options: { pairs: 2000 } }));
    expect(Buffer.byteLength(result!.outputs[0]!.name)).toBeLessThanOrEqual(LIMITS.file_name_bytes_max);
  });
});
