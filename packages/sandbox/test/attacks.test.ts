/** Workers that reach for what is not theirs: other jobs, the host, rights, more than their share. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MIB } from '@hanabi/protocol';
import { describe, expect, it } from 'vitest';
import { describeBackends } from './backends.ts';
import { jobOf, QUICK_LIMITS, runJob, withSandbox } from './test-sandbox.ts';

/** How each may end; a limit on memory and one on time can be met in either order. */
const ENDS: Record<string, RegExp> = {
  opens_files_without_end: /^HANABI-W008 .*Too many open files/,
  makes_a_sparse_giant: /^HANABI-W008 .*File too large/,
  recurses_without_end: /^HANABI-W008 .*RecursionError/,
  asks_for_a_terabyte: /^HANABI-W003/,
  makes_names_without_end: /^HANABI-W00[358]/,
  aborts: /^HANABI-W009 .*signal 6/,
  stops_itself: /^HANABI-W004/,
};

/** What each returns: nothing found, nothing done, or that it lived on unharmed. */
const RETURNS: Record<string, Record<string, RegExp>> = {
  kills_everyone_else: { 'child.txt': /^9$/ },
  kills_the_first_process: { 'a.txt': /^still there$/ },
  forks_a_chain: { 'a.txt': /^the first of them$/ },
  speaks_through_a_child_afterwards: { 'a.txt': /^in time$/ },
  becomes_root: { 'done.txt': /^$/ },
  opens_devices: { 'opened.txt': /^$/ },
  looks_through_other_roots: { 'odd.txt': /^$/ },
  opens_a_terminal: { 'name.txt': /^\/dev\/pts\/0$/ },
  reads_memory_of_others: { 'read.txt': /^$/ },
  raises_its_limits: { 'raised.txt': /^$/ },
};

describeBackends('a worker that', ({ open }) => {
  const test = withSandbox(open);
  const limits = { ...QUICK_LIMITS, wall_ms_max: 4000 };

  it.each(Object.entries(ENDS))('%s', async (worker, end) => {
    const spec = jobOf(worker, { limits });
    const { error, result } = await runJob(test.sandbox, spec);
    expect(result).toBeUndefined();
    expect(`${error?.code} ${error?.message}`).toMatch(end);
    expect(existsSync(join(test.work_dir, 'outbox', spec.id))).toBe(false);
  });

  it.each(Object.entries(RETURNS))('%s', async (worker, expected) => {
    const { files, error } = await runJob(test.sandbox, jobOf(worker, { limits }));
    expect(error).toBeUndefined();
    for (const [name, content] of Object.entries(expected)) expect(files[name]?.toString()).toMatch(content);
  });

  it('starts threads without end is stopped at its limit', async () => {
    const { files } = await runJob(test.sandbox, jobOf('starts_threads_without_end'));
    expect(Number(files['started.txt']!.toString())).toBeLessThan(QUICK_LIMITS.processes_max);
  });
});

describeBackends('a job', ({ open }) => {
  const test = withSandbox(open);

  it('that poisons builtins, modules, paths and the environment changes nothing for the next', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { files, error } = await runJob(test.sandbox, jobOf('poisons_its_modules'));
      expect(error).toBeUndefined();
      expect(files['found.txt']!.toString()).toBe('');
    }
  });

  it('has nothing of the jobs before it in its memory: no option, input, name or folder', async () => {
    const [first, second] = [`first${'a1b2c3'.repeat(3)}`, `second${'d4e5f6'.repeat(3)}`];
    const secret = first + second;
    const module_dir = join(test.folder, secret);
    await mkdir(module_dir);
    await writeFile(join(module_dir, 'main.py'), `def run(inputs, options):\n    return {"a": "${secret}"}\n`);
    const path = await test.file(`${secret}.txt`, secret.repeat(1000));
    const search = () => runJob(test.sandbox, jobOf('searches_its_memory', { options: { first, second } }));
    for (let round = 0; round < 6; round += 1) {
      const spec = jobOf('', { module_dir, entry: 'main.py', inputs: [{ name: secret, path }], options: { secret } });
      const { error, files } = await runJob(test.sandbox, spec);
      expect(error).toBeUndefined();
      expect(files['a']!.toString()).toBe(secret);
      const found = await search();
      expect(found.files['hits.txt']!.toString()).toBe('0');
      expect(Number(found.files['searched.txt']!.toString())).toBeGreaterThan(MIB);
    }
    // It would have been found.
    const inputs = [{ name: 'known', path }];
    const control = await runJob(test.sandbox, jobOf('searches_its_memory', { inputs, options: { first, second } }));
    expect(Number(control.files['hits.txt']!.toString())).toBeGreaterThan(999);
  });

  it('meets no other that runs beside it, and none that ran before', async () => {
    const cancel = new AbortController();
    const beside = test.sandbox.runJob(jobOf('listens_for_neighbours'), cancel.signal);
    for (let step = await beside.next(); !step.done && step.value.kind !== 'progress'; ) step = await beside.next();
    for (let round = 0; round < 3; round += 1) {
      const { files, error } = await runJob(test.sandbox, jobOf('looks_for_neighbours'));
      expect(error).toBeUndefined();
      expect(files['found.txt']!.toString()).toBe('');
    }
    cancel.abort();
    await beside.return(undefined as never);
  });
});

describe('a runner that sends what frames are not', () => {
  const SEEDS = Array.from({ length: 120 }, (_, seed) => seed);

  describeBackends('the host', ({ open }) => {
    const test = withSandbox(open);

    it('ends each of them with a code, and keeps its memory', async () => {
      const before = process.memoryUsage().rss;
      const codes = new Map<string, number>();
      for (const seed of SEEDS) {
        const limits = { ...QUICK_LIMITS, wall_ms_max: 5000 };
        const spec = jobOf('sends_what_frames_are_not', { options: { seed }, limits });
        const { error, result } = await runJob(test.sandbox, spec);
        const end = error?.code ?? 'done';
        expect(end, `seed ${seed}`).toMatch(/^(HANABI-W\d{3}|done)$/);
        // A good "done" or "collect" may have come through; nothing else is a result.
        if (result)
          expect(result.outputs.every(({ size_bytes }) => size_bytes <= QUICK_LIMITS.output_bytes_max)).toBe(true);
        codes.set(end, (codes.get(end) ?? 0) + 1);
      }
      expect(codes.get('HANABI-W014')).toBeGreaterThan(SEEDS.length / 4);
      expect(process.memoryUsage().rss - before).toBeLessThan(96 * MIB);
    }, 120_000);
  });
});
