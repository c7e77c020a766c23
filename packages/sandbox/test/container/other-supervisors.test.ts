/** The same containers for a supervisor that sees less of them, or may do less. */
import { statSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runScript } from '../test-sandbox.ts';
import { containersOfTests, describeContainers } from './docker.ts';

const SCRIPT = new URL('runs-jobs.ts', import.meta.url);

interface Printed {
  status: unknown;
  outcomes: Record<string, unknown>;
}

async function run(launcher: string[], uid: number, workers: string[]): Promise<Printed> {
  const work_dir = await mkdtemp(join(tmpdir(), 'hanabi-other-'));
  await chmod(work_dir, 0o711);
  await chown(work_dir, uid, uid);
  try {
    const env = { PATH: process.env['PATH'], HOME: work_dir, TMPDIR: work_dir };
    const args = [work_dir, containersOfTests().socket_path, ...workers];
    const { stdout, stderr } = runScript(SCRIPT, args, launcher, env);
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Printed;
  } finally {
    await rm(work_dir, { recursive: true, force: true });
  }
}

describeContainers('in a namespace that hides the processes of Docker', () => {
  it('jobs are counted and ended by way of the engine', async () => {
    const { status, outcomes } = await run(['unshare', '--pid', '--fork', '--mount-proc'], 0, [
      'prints_much_and_returns',
      'returns_tuples',
      'exits_at_once',
      'allocates_without_end',
      'survives_the_death_of_a_large_child',
      'spins_in_short_lived_children',
      'leaves_a_daemon',
    ]);
    expect(status).toMatchObject({ ready: true });
    expect(outcomes).toEqual({
      prints_much_and_returns: { names: [], log: expect.stringMatching(/\d+\n$/) },
      returns_tuples: { names: ['a.txt', 'b.bin'], log: '' },
      exits_at_once: { code: 'HANABI-W009', log: 'last words\n' },
      allocates_without_end: { code: 'HANABI-W003', log: 'allocating\n' },
      survives_the_death_of_a_large_child: { code: 'HANABI-W003', log: expect.anything() },
      spins_in_short_lived_children: { code: 'HANABI-W005', log: '' },
      leaves_a_daemon: { names: ['a.txt'], log: expect.anything() },
    });
  });
});

describeContainers('for a user who is not root but may use Docker', () => {
  it('jobs run as that user', async () => {
    const uid = 12_345;
    const group = statSync(containersOfTests().socket_path).gid;
    const launcher = ['setpriv', '--reuid', `${uid}`, '--regid', `${uid}`, '--groups', `${group}`];
    const { status, outcomes } = await run(launcher, uid, ['returns_tuples', 'exits_at_once', 'streams_files']);
    expect(status).toMatchObject({ ready: true });
    expect(outcomes).toEqual({
      returns_tuples: { names: ['a.txt', 'b.bin'], log: '' },
      exits_at_once: { code: 'HANABI-W009', log: 'last words\n' },
      streams_files: { names: expect.arrayContaining(['Same.txt']), log: expect.anything() },
    });
  });
});
