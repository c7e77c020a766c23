/** Workers that turn to files: out of their folders, into what they may only read, and against whoever takes their outputs. */
import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { describeBackends } from './backends.ts';
import { jobOf, QUICK_LIMITS, runJob, withSandbox } from './test-sandbox.ts';

/** How each ends: at a limit of its own, which two of them may meet in either order. */
const ENDS: Record<string, RegExp> = {
  fills_shared_memory_of_system_v: /^HANABI-W00[38]/,
  fills_pipes_and_sockets: /^HANABI-W00[3458]/,
  builds_page_tables_without_end: /^HANABI-W00[35]/,
  makes_queues_and_timers_without_end: /^HANABI-W00[35]/,
  opens_a_bomb: /^HANABI-W00[35]/,
  hides_bytes_in_attributes: /^HANABI-W00[567]/,
  dirties_a_mapping_of_its_output: /^HANABI-W0(03|06|08|09)/,
};

const limits = { ...QUICK_LIMITS, wall_ms_max: 8000 };

describeBackends('a worker that', ({ open }) => {
  const test = withSandbox(open);

  it.each(Object.entries(ENDS))('%s', async (worker, end) => {
    const spec = jobOf(worker, { limits });
    const { error, result } = await runJob(test.sandbox, spec);
    expect(result).toBeUndefined();
    expect(`${error?.code} ${error?.message}`).toMatch(end);
    expect(existsSync(join(test.work_dir, 'outbox', spec.id))).toBe(false);
  });

  it('climbs_out_of_open_folders', async () => {
    const { files, error } = await runJob(test.sandbox, jobOf('climbs_out_of_open_folders', { limits }));
    expect(error).toBeUndefined();
    expect(files['found.txt']?.toString()).toBe('');
  });

  it('writes_through_its_descriptors', async () => {
    const path = await test.file('input.txt', 'the original');
    await chmod(path, 0o644);
    const before = statSync(path);
    const inputs = [{ name: 'input.txt', path }];
    const { files, error } = await runJob(test.sandbox, jobOf('writes_through_its_descriptors', { limits, inputs }));
    expect(error).toBeUndefined();
    expect(files['done.txt']?.toString()).toBe('');
    expect(Object.keys(files).toSorted()).toEqual(['done.txt', 'own']);
    expect(await readFile(path, 'utf8')).toBe('the original');
    const { mode, uid, mtimeMs } = statSync(path);
    expect({ mode, uid, mtimeMs }).toEqual({ mode: before.mode, uid: before.uid, mtimeMs: before.mtimeMs });
    // It was lent by another name, which goes with its slot.
    await vi.waitUntil(() => statSync(path).nlink === 1);
  });

  it('swaps_names_while_it_ends hands over nothing but its own', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { files, error } = await runJob(test.sandbox, jobOf('swaps_names_while_it_ends', { limits }));
      expect(error).toBeUndefined();
      expect(Object.values(files).map(String)).toEqual(['mine', 'mine']);
    }
  });

  it('leaves_what_is_no_file has the one file taken, that only its new owner can read', async () => {
    const { files, result, error } = await runJob(test.sandbox, jobOf('leaves_what_is_no_file', { limits }));
    expect(error).toBeUndefined();
    expect(Object.keys(files)).toEqual(['good.txt']);
    expect(files['good.txt']!.toString()).toBe('moved');
    expect(statSync(result!.outputs[0]!.path)).toMatchObject({ uid: process.getuid!(), nlink: 1 });
    expect(statSync(result!.outputs[0]!.path).mode & 0o7777).toBe(0o600);
    expect(result!.log).toMatch(/Left out of the outputs: \?\/pipe is a pipe/);
  });

  it('comes in a package whose links lead in circles runs all the same', async () => {
    const module_dir = join(test.folder, 'circles');
    const worker = join(module_dir, 'worker');
    await mkdir(worker, { recursive: true });
    await writeFile(join(worker, 'main.py'), 'def run(inputs, options):\n    return {"a": "ran"}\n');
    // Two ways back at each of forty levels are more paths than anyone can walk.
    for (const name of ['here', 'there']) await symlink('.', join(worker, name));
    await symlink('second', join(worker, 'first'));
    await symlink('first', join(worker, 'second'));
    const { files, error } = await runJob(test.sandbox, jobOf('', { module_dir, entry: 'worker/main.py', limits }));
    expect(error).toBeUndefined();
    expect(files['a']!.toString()).toBe('ran');
  });
});
