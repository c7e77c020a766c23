/** The same sandbox on machines that have less: no cgroups, no root, a work folder that nobody else may enter. */
import { readdirSync } from 'node:fs';
import { chmod, chown, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { BUBBLEWRAP_FORMS } from './backends.ts';
import { openBubblewrap } from '../src/bubblewrap/bubblewrap-sandbox.ts';
import {
  describeSandboxed,
  isRoot,
  jobOf,
  mountsPackage,
  openInProcess,
  processesOf,
  QUICK_LIMITS,
  runJob,
  runScript,
  started,
  withSandbox,
} from './test-sandbox.ts';

describeSandboxed('without cgroups', () => {
  const test = withSandbox((work_dir) => openBubblewrap({ work_dir, jobs_max: 2 }));

  it('limits are soft, and it says so', async () => {
    expect(await test.sandbox.status()).toMatchObject({
      ready: true,
      limits: 'soft',
      note: expect.stringMatching(/soft limits/),
    });
  });

  it.each([
    ['returns_nothing', 'HANABI-W010'],
    ['allocates_without_end', 'HANABI-W003'],
    ['spins', 'HANABI-W005'],
    ['exits_at_once', 'HANABI-W009'],
  ])('a worker that %s ends with %s', async (worker, code) => {
    const { error } = await runJob(test.sandbox, jobOf(worker));
    expect(error?.code).toBe(code);
  });

  it('children are bounded in number, and none survives', async () => {
    const { files } = await runJob(test.sandbox, jobOf('bombs_with_forks'));
    expect(Number.parseInt(files['started.txt']!.toString(), 10)).toBeLessThanOrEqual(QUICK_LIMITS.processes_max);
    const { result } = await runJob(test.sandbox, jobOf('leaves_a_daemon'));
    expect(result?.outputs).toHaveLength(1);
    await test.sandbox.close();
    expect(processesOf(test)).toEqual([]);
  });
});

describe.runIf(isRoot)('with a work folder and a package that only root may enter', () => {
  describeSandboxed('a job', () => {
    const test = withSandbox(async (work_dir) => {
      await chmod(work_dir, 0o700);
      return openInProcess(work_dir);
    });

    it('runs from a copy of its package, and nothing of it stays', async () => {
      const module_dir = join(test.work_dir, 'package');
      await cp(join(import.meta.dirname, 'workers'), module_dir, { recursive: true });
      await chmod(join(module_dir, 'echoes_inputs.py'), 0o600);
      const path = await test.file('input', 'content');
      const { files, error } = await runJob(
        test.sandbox,
        jobOf('', { module_dir, entry: 'echoes_inputs.py', inputs: [{ name: 'a', path }] }),
      );
      expect(error).toBeUndefined();
      expect(files['a']!.toString()).toBe('content');
      const before = foldersOfSlots();
      await test.sandbox.close();
      expect(before.length - foldersOfSlots().length).toBe(1);
    });
  });
});

function foldersOfSlots(): string[] {
  return readdirSync('/var/tmp').filter((name) => name.startsWith('hanabi-sandbox-'));
}

describe.runIf(isRoot)('started by a user who is not root', () => {
  describeSandboxed('a job', () => {
    const test = withSandbox();

    it('runs as that user', async () => {
      const work_dir = join(test.folder, 'not-root');
      await mkdir(work_dir);
      await chown(work_dir, 12345, 12345);
      const launcher = ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups'];
      const env = { PATH: process.env['PATH'], HOME: work_dir, TMPDIR: work_dir };
      const { stdout, stderr } = runScript(new URL('runs-one-job.ts', import.meta.url), [work_dir], launcher, env);
      expect(stderr).toBe('');
      const { status, found } = JSON.parse(stdout) as { status: unknown; found: Record<string, unknown> };
      expect(status).toMatchObject({ ready: true });
      expect(found['uid']).toEqual([65534, 65534, expect.anything()]);
      expect(found['chmod_input']).toMatch(/^(EROFS|EPERM)$/);
      expect(found['write']).toEqual({ '/in/input.txt': 'EROFS', '/new': 'EROFS' });
      await rm(work_dir, { recursive: true });
    });
  });
});

const pool = BUBBLEWRAP_FORMS.find(({ name }) => name === 'bubblewrap pool');

describeSandboxed('a box that waits for its job', () => {
  const test = withSandbox((work_dir) => pool!.open(work_dir));

  it('was there before the job, and dies with it', async () => {
    const waiting = () => processesOf(test).filter((pid) => mountsPackage(pid));
    const first = test.sandbox.runJob(jobOf('sleeps'), new AbortController().signal);
    await started(first);
    await first.return(undefined as never);
    await vi.waitUntil(() => waiting().length === 2, { timeout: 10_000 });
    const before = waiting();
    const job = test.sandbox.runJob(jobOf('sleeps'), new AbortController().signal);
    await started(job);
    expect(waiting()).toEqual(before);
    await job.return(undefined as never);
    expect(before.filter(mountsPackage)).toEqual([]);
  });
});
