/** What is particular to containers; that workers meet the same in them as elsewhere, the common suites say. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HanabiError } from '@hanabi/protocol';
import { expect, it, vi } from 'vitest';
import { Engine, EngineError } from '../../src/container/engine.ts';
import { type TestSandbox, jobOf, processesOf, QUICK_LIMITS, runJob, withSandbox } from '../test-sandbox.ts';
import { containersOfTests, describeContainers, openContainers } from './docker.ts';

interface Inspected {
  Image: string;
  State: { Pid: number };
  Config: { User: string; Env: string[] };
  HostConfig: Record<string, unknown> & { SecurityOpt: string[]; Mounts: { Target: string; ReadOnly?: boolean }[] };
}

/** Asks the engine itself; gone with the test. */
async function withEngine<Result>(use: (engine: Engine) => Promise<Result>): Promise<Result> {
  const engine = new Engine(containersOfTests().socket_path);
  try {
    return await use(engine);
  } finally {
    engine.close();
  }
}

/** All of this machine's own engine: only tests use it. */
function containers(): Promise<Inspected[]> {
  return withEngine(async (engine) => {
    const listed = await engine.ask<{ Id: string }[]>('GET', '/containers/json?all=1');
    const asked = listed.map(({ Id }) =>
      engine.ask<Inspected>('GET', `/containers/${Id}/json`).catch((error: unknown) => {
        if (error instanceof EngineError && error.status === 404) return undefined;
        throw error;
      }),
    );
    return (await Promise.all(asked)).filter((found) => found !== undefined);
  });
}

async function sleeping(test: TestSandbox, signal: AbortSignal) {
  const job = test.sandbox.runJob(jobOf('sleeps'), signal);
  for (let step = await job.next(); !step.done && step.value.kind !== 'progress'; ) step = await job.next();
  return job;
}

const running = async () => (await containers()).map(({ State }) => State.Pid).filter((pid) => pid > 0);

async function sleepingUntilEnded(test: TestSandbox) {
  const cancel = new AbortController();
  const job = await sleeping(test, cancel.signal);
  return {
    async end() {
      cancel.abort();
      await job.return(undefined as never);
    },
  };
}

describeContainers('a container of a job', () => {
  const test = withSandbox(openContainers);

  it('is announced by an honest status', async () => {
    const { note, ...status } = await test.sandbox.status();
    expect(status).toEqual({ backend: 'container', ready: true, limits: 'hard' });
    expect(note).toMatch(/^Docker \S+, runtime \S+, image [0-9a-f]{12}, .*hard limits/);
  });

  it('is created with everything that seals it', async () => {
    const cancel = new AbortController();
    const job = await sleeping(test, cancel.signal);
    const [found] = await containers();
    expect(found!.Image).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(found!.Config.User).toMatch(/^19\d{8}:19\d{8}$/);
    expect(found!.HostConfig).toMatchObject({
      NetworkMode: 'none',
      IpcMode: 'private',
      Privileged: false,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      Memory: QUICK_LIMITS.memory_bytes_max,
      MemorySwap: QUICK_LIMITS.memory_bytes_max,
      NanoCpus: 1e9,
      PidsLimit: QUICK_LIMITS.processes_max + 1,
      LogConfig: { Type: 'none' },
      OomScoreAdj: 500,
    });
    const [noNewPrivileges, seccomp] = found!.HostConfig.SecurityOpt as [string, string];
    expect(noNewPrivileges).toBe('no-new-privileges');
    expect(seccomp).toContain('"SCMP_ACT_ERRNO"');
    const writable = found!.HostConfig.Mounts.filter(({ ReadOnly }) => !ReadOnly).map(({ Target }) => Target);
    expect(writable).toEqual(['/out']);
    cancel.abort();
    await expect(job.next().then(() => job.next())).rejects.toMatchObject({ code: 'HANABI-W016', log: 'good night\n' });
  });

  it('was there before the second job of a module, and dies with it', async () => {
    const first = await sleepingUntilEnded(test);
    const known = await running();
    await first.end();
    const waiting = await vi.waitUntil(async () => (await running()).find((pid) => !known.includes(pid)), {
      timeout: 20_000,
    });
    const second = await sleepingUntilEnded(test);
    expect(await running()).toContain(waiting);
    await second.end();
    await vi.waitUntil(async () => !(await running()).includes(waiting), { timeout: 20_000 });
  });

  it('runs what the name of the image stood for at the start, whatever it stands for now', async () => {
    const { image } = containersOfTests();
    await withEngine(async (engine) => {
      const { Id } = await engine.ask<{ Id: string }>('GET', `/images/${image}/json`);
      // With a second name it loses only the first.
      await engine.ask('POST', `/images/${Id}/tag?repo=hanabi-kept&tag=latest`);
      await engine.ask('DELETE', `/images/${image}?noprune=1&force=1`);
      try {
        const { error } = await runJob(test.sandbox, jobOf('returns_tuples'));
        expect(error).toBeUndefined();
      } finally {
        const [repo, tag] = image.split(':');
        await engine.ask('POST', `/images/${Id}/tag?repo=${repo}&tag=${tag}`);
        await engine.ask('DELETE', '/images/hanabi-kept:latest?noprune=1');
      }
    });
  });

  it('needs the other image for the media tools, and says so where there is none', async () => {
    const { error } = await runJob(test.sandbox, jobOf('returns_dict', { native: true }));
    expect(error).toMatchObject({
      code: 'HANABI-W017',
      message: expect.stringContaining('worker-image build --native'),
    });
  });

  it('has its log cut off, and nothing else, by a worker that writes the note itself', async () => {
    const { result, error } = await runJob(test.sandbox, jobOf('writes_the_note_of_its_end'));
    expect(result).toBeUndefined();
    expect(error).toMatchObject({ code: 'HANABI-W009', log: 'before\n' });
  });

  it('is gone with all others when the sandbox is closed', async () => {
    await runJob(test.sandbox, jobOf('leaves_a_daemon'));
    await test.sandbox.close();
    expect(await containers()).toEqual([]);
    expect(processesOf(test)).toEqual([]);
  });
});

describeContainers('containers of a supervisor that was killed', () => {
  it('are removed by the next one that starts', async () => {
    const work_dir = await mkdtemp(join(tmpdir(), 'hanabi-killed-'));
    const { socket_path } = containersOfTests();
    const script = fileURLToPath(new URL('holds-a-job.ts', import.meta.url));
    const supervisor = spawn(process.execPath, ['--import', 'tsx', script, work_dir, socket_path], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(supervisor.stdout, 'data');
    const left = await containers();
    expect(left.some(({ State }) => State.Pid > 0)).toBe(true);
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');
    const other_dir = await mkdtemp(join(tmpdir(), 'hanabi-next-'));
    const next = await openContainers(other_dir);
    expect(await next.status()).toMatchObject({ ready: true });
    await next.close();
    expect(await containers()).toEqual([]);
    await rm(work_dir, { recursive: true, force: true });
    await rm(other_dir, { recursive: true, force: true });
  });
});

describeContainers('a sandbox that cannot be', () => {
  it.each([
    [{ HANABI_WORKER_DOCKER_SOCKET: '/nowhere/docker.sock' }, /^no Docker answers at \/nowhere\/docker.sock/],
    [
      { HANABI_WORKER_IMAGE: 'hanabi-nobody-built-this' },
      /^there is no image "hanabi-nobody-built-this".*worker-image build/,
    ],
    [{ HANABI_WORKER_CONTAINER_RUNTIME: 'magic' }, /^Docker knows no runtime "magic", only .*runc/],
  ])('says what is missing: %o', async (env, note) => {
    const work_dir = await mkdtemp(join(tmpdir(), 'hanabi-unready-'));
    const sandbox = await openContainers(work_dir, env);
    expect(await sandbox.status()).toMatchObject({
      backend: 'container',
      ready: false,
      note: expect.stringMatching(note),
    });
    const job = sandbox.runJob(jobOf('returns_dict'), new AbortController().signal);
    const error: unknown = await job.next().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HanabiError);
    expect((error as HanabiError).code).toBe('HANABI-W002');
    await sandbox.close();
    await rm(work_dir, { recursive: true });
  });
});
