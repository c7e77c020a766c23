/** Workers that turn to the kernel: calls that lead out of a sandbox, settings, processes that are not theirs, sockets. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { describeBackends } from './backends.ts';
import { jobOf, QUICK_LIMITS, runJob, withSandbox } from './test-sandbox.ts';

/** What each returns: nothing got, nothing done, or that it lived on unharmed. */
const RETURNS: Record<string, Record<string, RegExp>> = {
  asks_the_kernel_for_everything: { 'done.txt': /^$/ },
  asks_for_every_family_of_sockets: { 'given.txt': /^1$/ },
  executes_from_memory: { 'status.txt': /^CapEff=0{16} CapBnd=0{16} NoNewPrivs=1 Seccomp=2$/ },
  types_into_terminals: { 'typed.txt': /^$/ },
  raises_its_priority: { 'raised.txt': /^$/ },
  kills_by_descriptor: { 'a.txt': /^still there$/ },
};

const limits = { ...QUICK_LIMITS, wall_ms_max: 8000 };

/** No setting has it by itself. */
const SETTING = '4711';

describeBackends('a worker that', ({ name, open }) => {
  const test = withSandbox(open);

  it.each(Object.entries(RETURNS))('%s', async (worker, expected) => {
    const { files, error } = await runJob(test.sandbox, jobOf(worker, { limits }));
    expect(error).toBeUndefined();
    for (const [file, content] of Object.entries(expected)) expect(files[file]?.toString()).toMatch(content);
  });

  it('writes_settings_of_the_kernel reaches at most those of its own namespaces', async () => {
    const spec = jobOf('writes_settings_of_the_kernel', { limits, options: { value: SETTING } });
    const { files, error } = await runJob(test.sandbox, spec);
    expect(error).toBeUndefined();
    expect(Number(files['looked.txt']!.toString())).toBeGreaterThan(10);
    const opened = files['opened.txt']!.toString().split('\n').filter(Boolean);
    if (name !== 'bubblewrap pool') expect(opened).toEqual([]);
    for (const path of opened) {
      expect(path).toMatch(/^\/proc\/sys\/(kernel\/(msg|shm|sem$|auto_msgmni$|ns_last_pid$|pid_max$)|fs\/mqueue\/)/);
      expect(readFileSync(path, 'utf8').trim()).not.toBe(SETTING);
    }
  });

  it('overwrites_the_first_process takes nothing but its own end from it', async () => {
    const { error, files } = await runJob(test.sandbox, jobOf('overwrites_the_first_process', { limits }));
    if (error) expect(error.code).toMatch(/^HANABI-W009$/);
    else expect(files['done.txt']!.toString()).toBe('could not');
    expect((await runJob(test.sandbox, jobOf('returns_dict'))).error).toBeUndefined();
  });

  it('asks_to_be_spared is the first to go where the machine runs out of memory', async () => {
    const { files } = await runJob(test.sandbox, jobOf('asks_to_be_spared', { limits }));
    expect(files['before.txt']?.toString()).toBe('500');
    // Raised without that right it can be lowered again, though not below where it began.
    expect(files['lowered.txt']?.toString()).toBe(mayKeepScores() ? '' : '499,0');
  });

  it('connects_to_sockets_of_the_host meets nobody', async () => {
    const abstract = `hanabi-attacks-${process.pid}`;
    const listener = createServer((socket) => socket.end()).listen(`\0${abstract}`);
    await once(listener, 'listening');
    try {
      const spec = jobOf('connects_to_sockets_of_the_host', { limits, options: { abstract } });
      const { files, error } = await runJob(test.sandbox, spec);
      expect(error).toBeUndefined();
      expect(files['met.txt']?.toString()).toBe('');
    } finally {
      listener.close();
    }
  });
});

/** CAP_SYS_RESOURCE, which root itself may lack in a container. */
function mayKeepScores(): boolean {
  const [, rights] = /^CapEff:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'latin1'))!;
  return ((BigInt(`0x${rights}`) >> 24n) & 1n) === 1n;
}
