/** What a well-behaved worker can rely on, in this process and through the supervisor's socket. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import { describe, expect, it } from 'vitest';
import { connectSandbox, createSandbox, type Sandbox, serveSandbox } from '../src/index.ts';
import {
  QUICK_LIMITS,
  describeSandboxed,
  jobOf,
  machine,
  openInProcess,
  processesOf,
  runJob,
  started,
  withSandbox,
} from './test-sandbox.ts';

async function openOverSocket(work_dir: string): Promise<Sandbox> {
  const sandbox = await openInProcess(work_dir);
  const socket_path = join(work_dir, 'sandbox.sock');
  const server = await serveSandbox(sandbox, socket_path);
  expect(statSync(socket_path).mode & 0o777).toBe(0o600);
  const client = connectSandbox(socket_path);
  return {
    ...client,
    async close() {
      await client.close();
      await server.close();
      await sandbox.close();
    },
  };
}

const FORMS = { 'in this process': openInProcess, 'over the socket': openOverSocket };

describe.each(Object.entries(FORMS))('%s', (_, open) => {
  describeSandboxed('a job', () => {
    const test = withSandbox(open);

    it('is announced by an honest status', async () => {
      expect(await test.sandbox.status()).toEqual(machine);
    });

    it.each(['returns_dict', 'returns_tuples', 'returns_dicts'])('%s', async (worker) => {
      const { files, result } = await runJob(test.sandbox, jobOf(worker));
      expect(files['a.txt']!.toString()).toBe('text');
      expect(files['b.bin']).toEqual(Buffer.from([0, 255]));
      expect(result!.outputs[0]).toMatchObject({
        name: 'a.txt',
        size_bytes: 4,
        sha256: '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1',
      });
      expect(result!.usage.wall_ms).toBeGreaterThan(0);
      if (machine.limits === 'hard') expect(result!.usage.memory_bytes_peak).toBeGreaterThan(1_000_000);
    });

    it('yields progress and output in order', async () => {
      const { events, files } = await runJob(test.sandbox, jobOf('yields_progress'));
      expect(events.slice(0, 2)).toEqual([{ kind: 'admitted' }, { kind: 'started' }]);
      expect(events.filter(({ kind }) => kind === 'output')).toEqual([
        { kind: 'output', seq: 1, chunk: 'text ü', encoding: 'text' },
        { kind: 'output', seq: 2, chunk: 'AP8=', encoding: 'base64' },
        { kind: 'output', seq: 3, chunk: 'AP8=', encoding: 'base64' },
      ]);
      const last = events.findLast((event) => event.kind === 'progress');
      expect(last).toEqual({ kind: 'progress', pct: 100, message: 'm'.repeat(LIMITS.job_progress_message_chars_max) });
      expect(files['done.txt']!.toString()).toBe('done');
    });

    it('has its progress thinned out, but never loses the last one', async () => {
      const { events, result } = await runJob(test.sandbox, jobOf('yields_a_hundred_thousand'));
      const seconds = result!.usage.wall_ms / 1000;
      expect(events.length).toBeLessThanOrEqual(Math.ceil(seconds * 20) + 3);
      expect(events.at(-1)).toEqual({ kind: 'progress', pct: 100, message: 'last' });
    });

    it('keeps all of a large output, piece by piece, for a consumer that is slow', async () => {
      let characters = 0;
      const spec = jobOf('yields_much_output', { limits: { ...QUICK_LIMITS, wall_ms_max: 60_000 } });
      const job = test.sandbox.runJob(spec, new AbortController().signal);
      for (let step = await job.next(); !step.done; step = await job.next()) {
        if (step.value.kind === 'output') characters += step.value.chunk.length;
        if (characters % 1_000_000 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      expect(characters).toBe(64 * 1_000_000);
    });

    it('may use neighbours, dataclasses, processes and __file__', async () => {
      const { files, error } = await runJob(test.sandbox, jobOf('uses_neighbours_and_libraries'));
      expect(error).toBeUndefined();
      expect(files['out.txt']!.toString()).toBe('Point(x=1) neighbour uses_neighbours_and_libraries.py [1, 4, 9]');
    });

    it('has the libraries of the machine only when it declares some', async () => {
      const declared = await runJob(test.sandbox, jobOf('imports_pillow', { libraries: true }));
      expect(declared.files['size.txt']?.toString()).toBe('(3, 4)');
      const undeclared = await runJob(test.sandbox, jobOf('imports_pillow'));
      expect(undeclared.error?.code).toBe('HANABI-W013');
      expect(undeclared.error?.message).toContain("No module named 'PIL'");
    });

    it('fails with its code, its log and its id', async () => {
      const spec = jobOf('raises');
      const { error } = await runJob(test.sandbox, spec);
      expect(error).toMatchObject({ code: 'HANABI-W008', category: 'FAILED', http: 422, jobId: spec.id });
      expect(error?.log).toContain('before\nTraceback');
    });

    it('runs a second time, in a sandbox that has waited for it, on the code as it is now', async () => {
      const module_dir = join(test.folder, 'edited');
      await mkdir(join(module_dir, 'worker'), { recursive: true });
      for (const text of ['one', 'two', 'two']) {
        await writeFile(join(module_dir, 'worker/main.py'), `def run(i, o):\n    return {"a": "${text}"}\n`);
        const { files } = await runJob(test.sandbox, jobOf('', { module_dir, entry: 'worker/main.py' }));
        expect(files['a']!.toString()).toBe(text);
      }
      await rename(module_dir, `${module_dir}-old`);
      await cp(`${module_dir}-old`, module_dir, { recursive: true, preserveTimestamps: true });
      rmSync(`${module_dir}-old`, { recursive: true });
      const { files } = await runJob(test.sandbox, jobOf('', { module_dir, entry: 'worker/main.py' }));
      expect(files['a']!.toString()).toBe('two');
    });

    it('is refused when its options do not fit into a frame', async () => {
      const { error } = await runJob(
        test.sandbox,
        jobOf('returns_dict', { options: { text: 'x'.repeat(1024 * 1024) } }),
      );
      expect(error?.code).toBe('HANABI-V002');
    });

    it('is dead when it was aborted', async () => {
      const cancel = new AbortController();
      const spec = jobOf('sleeps');
      const job = test.sandbox.runJob(spec, cancel.signal);
      for (let step = await job.next(); !step.done && step.value.kind !== 'progress'; ) step = await job.next();
      cancel.abort();
      await expect(job.next()).rejects.toMatchObject({ code: 'HANABI-W016', log: 'good night\n' });
      expect(existsSync(join(test.work_dir, 'outbox', spec.id))).toBe(false);
      const aborted = await runJob(test.sandbox, jobOf('sleeps'), AbortSignal.abort());
      expect(aborted.error?.code).toBe('HANABI-W016');
    });

    it('waits for a free place in the order of asking', async () => {
      const cancel = new AbortController();
      const sleeping = Array.from({ length: 4 }, () => test.sandbox.runJob(jobOf('sleeps'), cancel.signal));
      await Promise.all(sleeping.map(started));
      const ended: string[] = [];
      const waiting = ['first', 'second'].map(async (name) => {
        const { error } = await runJob(test.sandbox, jobOf('returns_dict'));
        ended.push(name);
        expect(error).toBeUndefined();
      });
      await sleeping[0]!.return(undefined as never);
      await Promise.all(waiting);
      expect(ended).toEqual(['first', 'second']);
      cancel.abort();
      await Promise.all(sleeping.map((job) => job.return(undefined as never)));
    });

    it('keeps its outputs apart from those of others, for whoever takes them', async () => {
      const specs = Array.from({ length: 6 }, () => jobOf('returns_dict'));
      const outcomes = await Promise.all(specs.map((spec) => runJob(test.sandbox, spec)));
      for (const [index, { result }] of outcomes.entries()) {
        const folder = join(test.work_dir, 'outbox', specs[index]!.id);
        expect(readdirSync(folder)).toHaveLength(4);
        await rename(result!.outputs[0]!.path, join(test.folder, `taken-${index}`));
        expect(await readFile(join(test.folder, `taken-${index}`), 'utf8')).toBe('text');
      }
    });
  });
});

describeSandboxed('a lost client', () => {
  const test = withSandbox();

  it('takes its jobs with it', async () => {
    const socket_path = join(test.work_dir, 'lost.sock');
    const server = await serveSandbox(test.sandbox, socket_path);
    const client = connectSandbox(socket_path);
    const job = client.runJob(jobOf('sleeps'), new AbortController().signal);
    await started(job);
    expect(processesOf(test)).not.toEqual([]);
    await client.close();
    await expect(job.next().then(() => job.next())).rejects.toMatchObject({ code: 'HANABI-W015' });
    // Both settle only when the jobs have ended.
    await server.close();
    await test.sandbox.close();
    expect(processesOf(test)).toEqual([]);
  });
});

describe('a sandbox that is not there', () => {
  it('says so when it is disabled', async () => {
    const sandbox = await createSandbox({ backend: 'disabled', work_dir: '/nowhere', jobs_max: 1 });
    expect(await sandbox.status()).toMatchObject({ backend: 'disabled', ready: false });
    expect((await runJob(sandbox, jobOf('returns_dict'))).error?.code).toBe('HANABI-W002');
    await sandbox.close();
  });

  it('says so when no supervisor answers', async () => {
    const sandbox = connectSandbox('/tmp/hanabi-nobody-listens-here.sock');
    expect((await runJob(sandbox, jobOf('returns_dict'))).error?.code).toBe('HANABI-W015');
    await expect(sandbox.status()).rejects.toMatchObject({ code: 'HANABI-W015' });
  });
});
