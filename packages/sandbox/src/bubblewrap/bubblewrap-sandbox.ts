import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HanabiError, LIMITS, WORKER_TIERS } from '@hanabi/protocol';
import { Admission } from '../admission.ts';
import { runInBox } from '../run-loop.ts';
import type { JobEvent, JobResult, JobSpec, Sandbox, SandboxOptions, SandboxStatus } from '../sandbox.ts';
import { BoxPool } from './box-pool.ts';
import { type Cgroups, openCgroups } from './cgroups.ts';
import { Packages, prepareEtc, prepareRoot, prepareRunner } from './prepare.ts';
import { Slots } from './slots.ts';
import { bubblewrapVersion, findTools } from './tools.ts';

/** Debian's folder of Python libraries that are installed with apt. */
const LIBRARIES = ['/usr/lib/python3/dist-packages'];

export interface BubblewrapOptions extends Omit<SandboxOptions, 'backend'> {
  /** Without them limits are soft. */
  cgroups?: Cgroups | undefined;
}

/** Boots a sandbox once, so that `ready` is the truth. */
export async function createBubblewrapSandbox(options: SandboxOptions): Promise<Sandbox> {
  return openBubblewrap({ ...options, cgroups: openCgroups() });
}

export async function openBubblewrap({ work_dir, jobs_max, cgroups }: BubblewrapOptions): Promise<Sandbox> {
  const limits = cgroups ? 'hard' : 'soft';
  const unready = (note: string): Sandbox => {
    cgroups?.close();
    return unreadySandbox({ backend: 'bubblewrap', ready: false, note, limits });
  };
  const tools = await findTools();
  if (typeof tools === 'string') return unready(tools);
  const outbox_dir = join(work_dir, 'outbox');
  await rm(outbox_dir, { recursive: true, force: true });
  await mkdir(outbox_dir, { recursive: true, mode: 0o700 });
  const root = await prepareRoot(work_dir);
  const [etc_dir, runner_dir] = await Promise.all([prepareEtc(root), prepareRunner(root, tools)]);
  const pool = new BoxPool(new Slots(root, cgroups), { tools, etc_dir, runner_dir }, jobs_max);
  const close = async () => {
    await pool.close();
    cgroups?.close();
    await rm(root, { recursive: true, force: true });
  };
  const problem = await probe(pool, runner_dir);
  if (problem) {
    await close();
    return unready(problem);
  }
  const version = await bubblewrapVersion(tools);
  const note = cgroups
    ? `${version}, hard limits (cgroup version ${cgroups.version})`
    : `${version}, soft limits: no cgroup is writable here, so memory and processor time are bounded per process`;
  return new BubblewrapSandbox(
    { backend: 'bubblewrap', ready: true, note, limits },
    { root, outbox_dir, jobs_max, pool, close },
  );
}

/** Boots a box; what is mounted as its package does not matter. */
async function probe(pool: BoxPool, module_dir: string): Promise<string | undefined> {
  try {
    const kind = { key: 'probe', module_dir, limits: WORKER_TIERS.small };
    await pool.dispose(await pool.take(kind));
    pool.refill(kind.limits);
    return undefined;
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    const reason = cause?.message ?? message;
    const line = reason.split('\n').at(-1)!;
    return /namespace|uid map|permitted/i.test(line)
      ? `the system refuses user namespaces to bubblewrap (${line}): enable unprivileged user namespaces`
      : `bubblewrap could not start a sandbox: ${line}`;
  }
}

function unreadySandbox(status: SandboxStatus): Sandbox {
  return {
    status: async () => status,
    // oxlint-disable-next-line require-yield
    async *runJob(spec) {
      throw new HanabiError('HANABI-W002', status.note, { jobId: spec.id });
    },
    close: async () => {},
  };
}

interface Parts {
  root: string;
  outbox_dir: string;
  jobs_max: number;
  pool: BoxPool;
  close(): Promise<void>;
}

class BubblewrapSandbox implements Sandbox {
  readonly #status: SandboxStatus;
  readonly #parts: Parts;
  readonly #packages: Packages;
  readonly #admission: Admission;
  readonly #closing = new AbortController();

  constructor(status: SandboxStatus, parts: Parts) {
    this.#status = status;
    this.#parts = parts;
    this.#packages = new Packages(parts.root);
    this.#admission = new Admission(parts.jobs_max, LIMITS.job_admission_timeout_ms);
  }

  async status(): Promise<SandboxStatus> {
    return this.#status;
  }

  async *runJob(spec: JobSpec, signal: AbortSignal): AsyncGenerator<JobEvent, JobResult, void> {
    if (!/^[\w-]{1,64}$/.test(spec.id)) throw new HanabiError('HANABI-V009', 'the id of a job names a folder');
    const either = AbortSignal.any([signal, this.#closing.signal]);
    const leave = await this.#admission.enter(either);
    try {
      return yield* this.#runAdmitted(spec, either);
    } finally {
      leave();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#parts.close();
  }

  async *#runAdmitted(spec: JobSpec, signal: AbortSignal): AsyncGenerator<JobEvent, JobResult, void> {
    const { module_dir, entry, limits } = spec;
    const { pool, outbox_dir } = this.#parts;
    const version = await this.#packages.key(module_dir, entry);
    const reachable = await this.#packages.reach(module_dir, entry, version);
    const kind = { key: `${version}|${JSON.stringify(limits)}`, module_dir: reachable, limits };
    const box = await pool.take(kind);
    try {
      return yield* runInBox(box, spec, {
        outbox_dir: join(outbox_dir, spec.id),
        libraries: spec.libraries ? LIBRARIES : [],
        signal,
      });
    } finally {
      await pool.dispose(box);
      pool.prepare(kind);
    }
  }
}
