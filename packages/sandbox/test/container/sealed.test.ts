/** What a worker finds in a container, and what it does not. How others fare there, the common suites say. */
import { chmod, readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { jobOf, runJob, withSandbox } from '../test-sandbox.ts';
import { describeContainers, openContainers } from './docker.ts';

describeContainers('in a container a worker that', () => {
  const test = withSandbox(openContainers);

  it('leaves files in its output folder has them collected', async () => {
    const path = await test.file('input.txt', 'the content');
    const { error, result } = await runJob(test.sandbox, jobOf('streams_files', { inputs: [{ name: 'a.txt', path }] }));
    expect(error).toBeUndefined();
    expect(result!.outputs.length).toBeGreaterThan(0);
  });

  it('imports what the image has finds it only when it may', async () => {
    const allowed = await runJob(test.sandbox, jobOf('imports_pillow', { libraries: true }));
    expect(allowed.files['size.txt']?.toString()).toBe('(3, 4)');
    expect((await runJob(test.sandbox, jobOf('imports_pillow'))).error?.code).toBe('HANABI-W013');
  });

  it('remembers finds nothing of the job before it', async () => {
    for (const round of [1, 2, 3]) {
      const { files, error } = await runJob(test.sandbox, jobOf('remembers'));
      expect(error, `round ${round}`).toBeUndefined();
      expect(files['found.txt']!.toString()).toBe('');
    }
  });
});

interface Found {
  [name: string]: unknown;
  read: Record<string, string>;
  write: Record<string, string>;
  calls?: Record<string, string>;
}

describeContainers('in a container a worker that looks around', () => {
  const test = withSandbox(openContainers);
  const hidden = ['/etc/shadow', '/root', '/work', '/home', '/var', '/sys/kernel', import.meta.filename];
  const empty = ['/etc/hostname', '/etc/hosts', '/etc/resolv.conf', '/proc/cmdline', '/proc/kcore', '/proc/keys'];
  const sealed = [
    '/module/new',
    '/in/input.txt',
    '/in/new',
    '/usr/bin/new',
    '/etc/passwd',
    '/etc/hosts',
    '/new',
    '/dev/new',
  ];
  const kernel = ['/runner/hanabi_runner/wire.py', '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/sys/new'];
  let found: Found;
  let input: string;

  beforeAll(async () => {
    input = await test.file('input.txt', 'the original');
    await chmod(input, 0o644);
    const options = { read: [...hidden, ...empty], write: [...sealed, ...kernel], abstract: 'nobody' };
    const inputs = [{ name: 'input.txt', path: input }];
    const { files, error } = await runJob(test.sandbox, jobOf('looks_around', { inputs, options }));
    if (error) throw error;
    found = JSON.parse(files['found.json']!.toString()) as Found;
  });

  it('finds its own things and no other process', () => {
    expect(found['environ']).toEqual({ PATH: '/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8', PWD: '/tmp' });
    expect(found['descriptors']).toEqual([0, 1, 2, 3, 4]);
    expect(found['processes']).toHaveLength(2);
    expect(found['hostname']).toBe('sandbox');
    expect(found['usr_local']).toEqual([]);
  });

  it('has no capability and no way to get one', () => {
    const none = '0000000000000000';
    const status = {
      CapInh: none,
      CapPrm: none,
      CapEff: none,
      CapBnd: none,
      CapAmb: none,
      NoNewPrivs: '1',
      Seccomp: '2',
    };
    expect(found['status']).toEqual(status);
    expect((found['uid'] as number[])[0]).not.toBe(0);
  });

  it.each(hidden)('cannot read %s', (path) => expect(found.read[path]).toBe('ENOENT'));
  it.each(empty)('finds nothing in %s', (path) => expect(found.read[path]).toMatch(/^(ENOENT|EACCES|done: b'')$/));
  it.each([...sealed, ...kernel])('cannot write %s', (path) => {
    expect(found.write[path]).toMatch(/^(EROFS|EACCES|EPERM|ENOENT)$/);
  });

  it('cannot change its input', async () => {
    expect(found['chmod_input']).toMatch(/^(EROFS|EPERM)$/);
    expect(found['unlink_input']).toMatch(/^(EROFS|EACCES)$/);
    expect(await readFile(input, 'utf8')).toBe('the original');
  });

  it('has no network', () => {
    expect(found['interfaces']).toEqual(['lo']);
    for (const family of ['inet', 'inet6', 'netlink', 'vsock', 'packet']) expect(found[family]).toBe('EAFNOSUPPORT');
  });

  it('is refused what reaches beyond a process', () => {
    expect(found['mkfifo']).toBe('done: None');
    for (const [name, outcome] of Object.entries(found.calls ?? {})) expect(outcome, name).toMatch(/^(EPERM|ENOSYS)$/);
  });
});
