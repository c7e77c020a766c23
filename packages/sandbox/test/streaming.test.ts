/** run_streaming: folders instead of bytes, and what the host takes out of a folder that a hostile worker has filled. */
import { chown, mkdir } from 'node:fs/promises';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MIB, type TierLimits } from '@hanabi/protocol';
import { describe, expect, it } from 'vitest';
import { openBubblewrap } from '../src/bubblewrap/bubblewrap-sandbox.ts';
import { openCgroups } from '../src/bubblewrap/cgroups.ts';
import type { JobSpec, Sandbox } from '../src/index.ts';
import {
  describeSandboxed,
  isRoot,
  jobOf,
  machine,
  openInProcess,
  QUICK_LIMITS,
  runJob,
  runScript,
  withSandbox,
} from './test-sandbox.ts';

const LITTLE: TierLimits = { ...QUICK_LIMITS, output_bytes_max: 4 * MIB, output_files_max: 20 };
/** Above what gets a file system of its own. */
const PLENTY: TierLimits = { ...QUICK_LIMITS, output_bytes_max: 600 * MIB, output_files_max: 20 };

const withoutForkServer = (work_dir: string) =>
  openBubblewrap({ work_dir, jobs_max: 4, cgroups: openCgroups(), fork_server: false });

const SETTINGS: [string, TierLimits, (work_dir: string) => Promise<Sandbox>][] = [
  ['a folder of its size', LITTLE, openInProcess],
  ['a plain folder', PLENTY, openInProcess],
  ['a folder of its size, without fork server', LITTLE, withoutForkServer],
  ['a plain folder, without fork server', PLENTY, withoutForkServer],
];

for (const [folder, limits, open] of SETTINGS) {
  describeSandboxed(`run_streaming into ${folder}`, () => {
    const test = withSandbox(open);
    const streaming = (worker: string, changes: Partial<JobSpec> = {}) =>
      runJob(test.sandbox, jobOf(worker, { limits, ...changes }));

    it('wins over run, yields, and hands over all files below its folder in the order of their paths', async () => {
      const inputs = [
        { name: 'b.txt', path: await test.file('one', 'first') },
        { name: 'a.txt', path: await test.file('two', 'second') },
      ];
      const spec = jobOf('streams_files', { limits, inputs });
      const { result, files, events, error } = await runJob(test.sandbox, spec);
      expect(error).toBeUndefined();
      expect(result!.outputs.map(({ name }) => name)).toEqual([
        'Same.txt',
        'Same (2).txt',
        'Same (3).txt',
        'copy of a.txt',
        'copy of b.txt',
      ]);
      expect(files['Same (3).txt']!.toString()).toBe('b/c/');
      expect(result!.outputs[3]).toMatchObject({
        size_bytes: 6,
        sha256: '16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4',
      });
      for (const { path } of result!.outputs)
        expect(statSync(path)).toMatchObject({ uid: process.getuid!(), nlink: 1 });
      for (const { path } of result!.outputs) expect(statSync(path).mode & 0o7777).toBe(0o600);
      expect(events.filter(({ kind }) => kind === 'output')).toMatchObject([{ seq: 1 }, { seq: 2 }]);
      expect(result!.log).toContain('run_streaming returned a dict, which is not used');
    });

    it('hands over plain files only, under safe names, and tells its author of the rest', async () => {
      const { result, files, error } = await streaming('leaves_hostile_things');
      expect(error).toBeUndefined();
      const names = result!.outputs.map(({ name }) => name);
      expect(names.toSorted()).toEqual(
        [
          '.hidden',
          'a'.repeat(255),
          'evil.txt',
          'good.txt',
          'inside.txt',
          'locked.txt',
          'newline.txt',
          'rightto-left.txt',
          'setuid.sh',
          '\ufffd\ufffd.bin',
        ].toSorted(),
      );
      expect(files['locked.txt']!.toString()).toBe('locked');
      for (const { path } of result!.outputs) expect(statSync(path).mode & 0o7777).toBe(0o600);
      for (const [name, what] of [
        ['link-out.txt', 'a symbolic link'],
        ['folder-link', 'a symbolic link'],
        ['twice.txt', 'several names'],
        ['pipe', 'a pipe'],
        ['socket', 'a socket'],
      ]) {
        expect(result!.log).toMatch(new RegExp(`Left out of the outputs: ${name} is .*${what}`));
      }
    });

    it('counts the apparent size', async () => {
      const { error } = await streaming('leaves_a_sparse_bomb', {
        options: { size_bytes: limits.output_bytes_max + 1 },
      });
      expect(error?.code).toBe('HANABI-W006');
    });

    it('does not get room on the disk of the host by reserving it beyond the end of a file', async () => {
      const { result } = await streaming('reserves_room_beyond_the_end', { options: { bytes: MIB } });
      expect(result!.outputs).toMatchObject([{ name: 'small.txt', size_bytes: 3 }]);
      expect(statSync(result!.outputs[0]!.path).blocks * 512).toBeLessThan(MIB);
    });

    it('may use its limit to the last byte', async () => {
      const size_bytes = limits === LITTLE ? limits.output_bytes_max : 64 * MIB;
      const { result, error } = await streaming('fills_output_exactly', { options: { size_bytes } });
      expect(error).toBeUndefined();
      expect(result!.outputs).toMatchObject([{ name: 'exact.bin', size_bytes }]);
    });

    it.each(['files', 'folders', 'links'])('is refused with too many %s', async (kind) => {
      const { error } = await streaming('leaves_too_many_entries', { options: { kind, count: 41 } });
      expect(error?.code).toBe('HANABI-W007');
      const files = await streaming('leaves_too_many_entries', { options: { kind: 'files', count: 20 } });
      expect(files.result?.outputs).toHaveLength(20);
    });

    it.each([33, 60])('is refused with folders %i deep, and leaves nothing behind', async (depth) => {
      const { error } = await streaming('leaves_a_deep_tree', { options: { depth } });
      expect(error?.code).toBe('HANABI-W007');
      const next = await streaming('remembers_in_out');
      expect(next.files['found.txt']!.toString()).toBe('0o40700');
    });

    it('starts with an empty folder that tells nothing of the job before', async () => {
      for (let run = 0; run < 3; run += 1) {
        const { files, error } = await streaming('remembers_in_out');
        expect(error).toBeUndefined();
        expect(files['found.txt']!.toString()).toBe('0o40700');
      }
    });

    it('has everything dead before anything is taken', async () => {
      for (let run = 0; run < 5; run += 1) {
        const { result, files } = await streaming('leaves_a_writer_behind');
        for (const content of Object.values(files)) expect(content.toString()).toBe('before');
        expect(result!.outputs.length).toBeLessThanOrEqual(1);
      }
    });

    it('is ended when it writes more than its limit, under whatever name', async () => {
      const one = jobOf('writes_output_without_end', { limits });
      expect((await runJob(test.sandbox, one)).error?.code).toBe('HANABI-W006');
      expect(existsSync(join(test.work_dir, 'outbox', one.id))).toBe(false);
      const many = await streaming('writes_output_without_end', { options: { many: true, step_bytes: 1 } });
      expect(many.error?.code).toBe('HANABI-W007');
    });

    it.runIf(machine.limits === 'hard').each(['open', 'mapped', 'behind a thread'])(
      'is ended when it writes more than its limit to files that it deletes and keeps %s',
      async (hide) => {
        const { error } = await streaming('writes_output_without_end', { options: { hide } });
        // A file system of its size is simply full, and empty again as soon as the worker has failed.
        const codes = limits === LITTLE && isRoot ? /HANABI-W00[689]/ : /HANABI-W006/;
        expect(error?.code).toMatch(codes);
      },
    );
  });
}

describeSandboxed('output folders', () => {
  const test = withSandbox();

  it('leave no mount behind when the sandbox is closed', async () => {
    await runJob(test.sandbox, jobOf('streams_files', { limits: LITTLE }));
    const mounts = () =>
      readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes(test.folder));
    expect(mounts().length > 0).toBe(isRoot);
    await test.sandbox.close();
    expect(mounts()).toEqual([]);
    expect(existsSync(join(test.work_dir, 'sandbox'))).toBe(false);
  });
});

describe.runIf(isRoot)('started by a user who is not root', () => {
  describeSandboxed('run_streaming', () => {
    const test = withSandbox();

    it('has a soft limit, says so, and is taken out of folders that its worker has locked', async () => {
      const work_dir = join(test.folder, 'not-root');
      await mkdir(join(work_dir, 'work'), { recursive: true });
      for (const path of [work_dir, join(work_dir, 'work')]) await chown(path, 12345, 12345);
      const launcher = ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups'];
      const env = { PATH: process.env['PATH'], HOME: work_dir, TMPDIR: work_dir };
      const workers = ['leaves_hostile_things', 'remembers_in_out', 'leaves_a_deep_tree', 'remembers_in_out'];
      const args = [work_dir, ...workers, 'writes_output_without_end'];
      const { stdout, stderr } = runScript(new URL('streams-jobs.ts', import.meta.url), args, launcher, env);
      expect(stderr).toBe('');
      const { note, ended } = JSON.parse(stdout) as { note: string; ended: unknown[] };
      expect(note).toContain('the output folder has a soft limit');
      expect(ended[0]).toContain('locked.txt');
      expect(ended[0]).toContain('inside.txt');
      expect(ended.slice(1)).toEqual([['found.txt'], 'HANABI-W007', ['found.txt'], 'HANABI-W006']);
    });
  });
});

describe.runIf(isRoot)('a supervisor that was killed', () => {
  describeSandboxed('and had output folders mounted', () => {
    const test = withSandbox();

    it('leaves nothing that the next start, in whatever folder, does not take away', async () => {
      const mounts = () =>
        readFileSync('/proc/self/mountinfo', 'utf8')
          .split('\n')
          .filter((line) => line.includes(`${test.folder}/killed/`));
      await mkdir(join(test.folder, 'killed/work'), { recursive: true });
      const script = new URL('streams-jobs.ts', import.meta.url);
      // It kills itself in place of a last worker.
      const { stdout } = runScript(script, [join(test.folder, 'killed'), 'remembers_in_out', '--killed']);
      expect(stdout).toBe('');
      expect(mounts()).not.toEqual([]);
      await mkdir(join(test.folder, 'next'));
      await (await openInProcess(join(test.folder, 'next'))).close();
      expect(mounts()).toEqual([]);
    });
  });
});
