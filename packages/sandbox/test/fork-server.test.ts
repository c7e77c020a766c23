/** What is particular to clones of a fork server; what workers meet in them, the common suites say. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { payloadOf } from '../src/index.ts';
import { BUBBLEWRAP_FORMS, describeBackends } from './backends.ts';
import {
  describeSandboxed,
  jobOf,
  mountsPackage,
  processesOf,
  runJob,
  started,
  type TestSandbox,
  withSandbox,
} from './test-sandbox.ts';

const [forkServer, pool] = BUBBLEWRAP_FORMS;

/** The server itself, not its clones: those have another root. */
function serversOf(test: TestSandbox): number[] {
  return processesOf(test).filter((pid) => {
    try {
      const isServer = readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('hanabi_fork_server/__main__.py');
      return isServer && readFileSync(`/proc/${pid}/mountinfo`, 'latin1').includes(' /packages ') && isOfServer(pid);
    } catch {
      return false;
    }
  });
}

/** It holds the control socket. */
function isOfServer(pid: number): boolean {
  return readlinkSync(`/proc/${pid}/exe`).includes('python') && readlinkSync(`/proc/${pid}/fd/3`).startsWith('socket:');
}

function hasAsyncio(pid: number): boolean {
  return readFileSync(`/proc/${pid}/maps`, 'latin1').includes('_asyncio');
}

function statusField(pid: number, name: string): string {
  return new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!;
}

describeBackends(
  'the server',
  ({ open }) => {
    const test = withSandbox(open);

    it('is named in the status', async () => {
      expect((await test.sandbox.status()).note).toMatch(/^bubblewrap \S+ with fork server, hard limits/);
    });

    it('is no root, may become its slots and nothing else, and sees no host', async () => {
      // A clone that has just been made looks the same for a moment.
      await vi.waitUntil(() => serversOf(test).length === 1);
      const [pid] = serversOf(test);
      expect(Number(statusField(pid!, 'Uid').split('\t')[0])).toBeGreaterThanOrEqual(1_900_000_000);
      // CAP_SETUID and CAP_SETGID, in a user namespace of its own.
      expect(statusField(pid!, 'CapEff')).toBe('00000000000000c0');
      expect(statusField(pid!, 'NoNewPrivs')).toBe('1');
      for (const name of ['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup']) {
        expect(readlinkSync(`/proc/${pid}/ns/${name}`)).not.toBe(readlinkSync(`/proc/self/ns/${name}`));
      }
      const root = readdirSync(`/proc/${pid}/root`);
      for (const name of ['root', 'home', 'var', 'work', 'sys']) expect(root).not.toContain(name);
    });

    it('holds no descriptor of a job, and knows no name of one', async () => {
      const job = test.sandbox.runJob(jobOf('sleeps'), new AbortController().signal);
      await started(job);
      const [pid] = serversOf(test);
      await vi.waitUntil(() => pipesOf(pid!) === 0);
      expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).not.toContain('sleeps');
      await job.return(undefined as never);
    });

    it('has clones waiting before a job comes, which see no package', async () => {
      await runJob(test.sandbox, jobOf('returns_dict'));
      const clones = () => processesOf(test).filter((pid) => statusField(pid, 'NSpid').split('\t').length === 3);
      await vi.waitUntil(() => clones().length >= 8);
      expect(clones().filter(mountsPackage)).toEqual([]);
    });

    it('lets no clone make a user namespace, whatever else may fail to refuse it', async () => {
      const setting = '/proc/sys/user/max_user_namespaces';
      const options = { read: [setting], write: [setting], abstract: 'nobody' };
      const inputs = [{ name: 'input.txt', path: await test.file('input.txt', 'x') }];
      const { files, error } = await runJob(test.sandbox, jobOf('looks_around', { options, inputs }));
      expect(error).toBeUndefined();
      const found = JSON.parse(files['found.json']!.toString());
      expect(found.read[setting]).toBe(String.raw`done: b'0\n'`);
      expect(found.write[setting]).toMatch(/^(EROFS|EACCES)$/);
    });

    it('leaves activities of workflows to another one, which has loaded what they need', async () => {
      const start = { activityType: 'greet', activityId: '1', attempt: 1, input: ['Ada'].map(payloadOf) };
      const entry = 'workflow-files/greets.py';
      const spec = jobOf('', { entry, activity: true, options: { token: 't', start } });
      const { error, files } = await runJob(test.sandbox, spec);
      expect(error).toBeUndefined();
      expect(files['result.json']!.toString()).toContain('completed');
      await vi.waitUntil(() => serversOf(test).length === 2);
      expect(serversOf(test).filter(hasAsyncio)).toHaveLength(1);
    });

    it('is started again when it has died, and its jobs end with a code', async () => {
      const job = test.sandbox.runJob(jobOf('sleeps'), new AbortController().signal);
      await started(job);
      for (const pid of serversOf(test)) process.kill(pid, 'SIGKILL');
      const lost = (async () => {
        for (let step = await job.next(); !step.done; ) step = await job.next();
      })();
      await expect(lost).rejects.toMatchObject({ code: 'HANABI-W009' });
      const { error, files } = await runJob(test.sandbox, jobOf('returns_dict'));
      expect(error).toBeUndefined();
      expect(files['a.txt']!.toString()).toBe('text');
    });

    it('leaves nothing when the sandbox is closed', async () => {
      await test.sandbox.close();
      expect(processesOf(test)).toEqual([]);
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(test.folder);
    });
  },
  [forkServer!],
);

function pipesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('pipe:'))
    .length;
}

describe('a sandbox without it', () => {
  describeSandboxed('that was told so', () => {
    const test = withSandbox((work_dir) => pool!.open(work_dir));

    it('says so, and works', async () => {
      expect((await test.sandbox.status()).note).toContain('without fork server (switched off)');
      expect((await runJob(test.sandbox, jobOf('returns_dict'))).error).toBeUndefined();
      expect(serversOf(test)).toEqual([]);
    });
  });
});
