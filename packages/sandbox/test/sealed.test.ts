/** What a worker cannot reach. The tries are in workers/looks_around.py. */
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Backend, BUBBLEWRAP_FORMS, describeBackends } from './backends.ts';
import {
  describeSandboxed,
  isRoot,
  jobOf,
  processesOf,
  runJob,
  runScript,
  started,
  withSandbox,
} from './test-sandbox.ts';

const HOST_PATHS = [
  '/etc/shadow',
  '/etc/hostname',
  '/root',
  '/work',
  '/home',
  '/var',
  '/sys/kernel',
  import.meta.filename,
];
/** Files of /proc that tell of the host. */
const HIDDEN_FILES_OF_PROC = ['/proc/cmdline'];
const WRITE_PATHS = [
  '/module/workers/looks_around.py',
  '/module/new',
  '/in/input.txt',
  '/in/new',
  '/usr/bin/new',
  '/usr/local/new',
  '/etc/passwd',
  '/runner/hanabi_runner/wire.py',
  '/new',
  '/dev/new',
  '/proc/sys/kernel/core_pattern',
  '/proc/sysrq-trigger',
];

/** What a container looks like from inside differs in details: container/same-workers.test.ts knows them. */
const describeForms = (title: string, body: (backend: Backend) => void) =>
  describeBackends(title, body, BUBBLEWRAP_FORMS);

interface Found {
  [name: string]: unknown;
  read: Record<string, string>;
  write: Record<string, string>;
  calls?: Record<string, string>;
}

describeForms('a sealed worker', ({ open }) => {
  const test = withSandbox(open);
  let found: Found;
  let input: string;

  beforeAll(async () => {
    input = await test.file('input.txt', 'the original');
    await chmod(input, 0o644);
    const name = `hanabi-test-${process.pid}`;
    const listener = createServer((socket) => socket.end()).listen(`\0${name}`);
    await once(listener, 'listening');
    const { files, error } = await runJob(
      test.sandbox,
      jobOf('looks_around', {
        inputs: [{ name: 'input.txt', path: input }],
        options: { read: [...HOST_PATHS, ...HIDDEN_FILES_OF_PROC], write: WRITE_PATHS, abstract: name },
      }),
    );
    listener.close();
    if (error) throw error;
    found = JSON.parse(files['found.json']!.toString()) as Found;
  });

  it('has an empty environment, two channels beside its standard streams, and no other process', () => {
    expect(found['environ']).toMatchObject({ PATH: '/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8' });
    expect(Object.keys(found['environ'] as object).sort()).toEqual(['HOME', 'LANG', 'PATH', 'PWD']);
    expect(found['descriptors']).toEqual([0, 1, 2, 3, 4]);
    expect(found['processes']).toEqual([1, 2]);
    expect(found['init_environ']).not.toContain('HANABI');
  });

  it('has no user, no capability and no way to get one', () => {
    expect(found['uid']).toEqual([65534, 65534, []]);
    expect(found['status']).toEqual({
      CapInh: '0000000000000000',
      CapPrm: '0000000000000000',
      CapEff: '0000000000000000',
      CapBnd: '0000000000000000',
      CapAmb: '0000000000000000',
      NoNewPrivs: '1',
      Seccomp: '2',
    });
  });

  it('sees a file system without the host', () => {
    const links = ['bin', 'lib', 'lib32', 'lib64', 'sbin'].filter((name) => existsSync(`/usr/${name}`));
    const folders = ['dev', 'etc', 'in', 'module', 'out', 'proc', 'runner', 'tmp', 'usr'];
    expect(found['root']).toEqual([...folders, ...links].sort());
    expect(found['usr_local']).toEqual([]);
    expect(found['hostname']).toBe('sandbox');
  });

  it.each(HOST_PATHS)('cannot read %s', (path) => {
    expect(found.read[path]).toBe('ENOENT');
  });

  it.each(HIDDEN_FILES_OF_PROC)('finds nothing in %s', (path) => {
    expect(found.read[path]).toMatch(/^(EACCES|done: b'')$/);
  });

  it.each(WRITE_PATHS)('cannot write %s', (path) => {
    expect(found.write[path]).toMatch(/^(EROFS|EACCES|EPERM|ENOENT)$/);
  });

  it('cannot change, remove or link its input', async () => {
    expect(found['chmod_input']).toMatch(/^(EROFS|EPERM)$/);
    expect(found['unlink_input']).toMatch(/^(EROFS|EACCES)$/);
    expect(found['link_input']).toMatch(/^(EXDEV|EPERM|EROFS)$/);
    expect(await readFile(input, 'utf8')).toBe('the original');
    expect(statSync(input).mode & 0o777).toBe(0o644);
  });

  it('has no network, not even the host’s abstract sockets', () => {
    expect(found['interfaces']).toEqual(['lo']);
    for (const family of ['inet', 'inet6', 'netlink', 'vsock', 'packet']) expect(found[family]).toBe('EAFNOSUPPORT');
    expect(found['abstract']).toBe('ECONNREFUSED');
  });

  it('is refused what reaches beyond a process', () => {
    expect(found['chroot']).toBe('EPERM');
    expect(found['mknod_device']).toMatch(/^(ENOSYS|EPERM)$/);
    expect(found['mkfifo']).toBe('done: None');
    for (const [name, outcome] of Object.entries(found.calls ?? {})) {
      expect(outcome, name).toMatch(/^(EPERM|ENOSYS)$/);
    }
  });

  it.runIf(process.arch === 'x64').each(['uses_32_bit_calls', 'uses_x32_calls'])('dies when it %s', async (worker) => {
    const { error } = await runJob(test.sandbox, jobOf(worker));
    expect(error?.code).toBe('HANABI-W009');
    expect(error?.message).toMatch(/signal 31$/);
  });

  it('finds nothing of the job before it', async () => {
    for (let round = 0; round < 3; round += 1) {
      const inputs = [{ name: `secret-${round}.txt`, path: input }];
      const { files } = await runJob(test.sandbox, jobOf('remembers', { inputs }));
      expect(Object.keys(files)).toEqual(['found.txt', `secret-${round}.txt`]);
      expect(files['found.txt']!.toString()).toBe('');
    }
  });

  it('leaves no daemon behind', async () => {
    const { result } = await runJob(test.sandbox, jobOf('leaves_a_daemon'));
    expect(result?.outputs).toHaveLength(1);
    // The box that waits for the next job of this kind is another one.
    await test.sandbox.close();
    expect(processesOf(test)).toEqual([]);
  });
});

describeForms('the input files of a job', ({ open }) => {
  const test = withSandbox(open);

  it('keep both of two equal names, in order', async () => {
    const one = await test.file('one', '1');
    const two = await test.file('two', '2');
    const inputs = [
      { name: 'Same.txt', path: one },
      { name: 'same.txt', path: two },
      { name: '../../etc/passwd', path: two },
    ];
    const { files } = await runJob(test.sandbox, jobOf('echoes_inputs', { inputs, options: { n: [1.5, null, 'ü'] } }));
    expect(Object.keys(files)).toEqual(['Same.txt', 'same (2).txt', 'passwd', 'options.json']);
    expect(files['Same.txt']!.toString()).toBe('1');
    expect(files['same (2).txt']!.toString()).toBe('2');
    expect(JSON.parse(files['options.json']!.toString())).toEqual({ n: [1.5, null, 'ü'] });
  });

  it.runIf(isRoot)('that only root may read, or everyone may write, are copied and not linked', async () => {
    for (const mode of [0o600, 0o666]) {
      const path = await test.file(`mode-${mode}`, 'content');
      await chmod(path, mode);
      const { files } = await runJob(test.sandbox, jobOf('echoes_inputs', { inputs: [{ name: 'a', path }] }));
      expect(files['a']!.toString()).toBe('content');
      expect(statSync(path)).toMatchObject({ nlink: 1, uid: 0 });
      expect(statSync(path).mode & 0o777).toBe(mode);
    }
  });
});

describe.runIf(isRoot)('processes of a job, seen from the host', () => {
  const test = withSandbox();

  it('never run as root, and nowhere as each other', async () => {
    const cancel = new AbortController();
    const jobs = [0, 1].map(async () => {
      const job = test.sandbox.runJob(jobOf('sleeps'), cancel.signal);
      await started(job);
      return job;
    });
    const running = await Promise.all(jobs);
    const owners = processesOf(test).map((pid) => statSync(`/proc/${pid}`).uid);
    expect(owners.length).toBeGreaterThanOrEqual(4);
    expect(owners.every((uid) => uid >= 1_900_000_000)).toBe(true);
    expect(new Set(owners).size).toBeGreaterThanOrEqual(2);
    cancel.abort();
    for (const job of running)
      await expect(job.next().then(() => job.next())).rejects.toMatchObject({ code: 'HANABI-W016' });
  });
});

describeSandboxed('descriptors that the host inherited', () => {
  const test = withSandbox();

  it('are closed in the sandbox', () => {
    // Two sandboxes in one folder would undo each other's work.
    const work_dir = join(test.folder, 'of-its-own');
    mkdirSync(work_dir, { mode: 0o711 });
    const { stdout, stderr } = runScript(
      new URL('runs-one-job.ts', import.meta.url),
      [work_dir],
      ['/bin/sh', '-c', 'exec 9< /etc/passwd; exec "$@"', 'sh'],
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ found: { descriptors: [0, 1, 2, 3, 4] } });
  });
});
