import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HanabiError, LIMITS, MIB, WORKER_TIERS } from '@hanabi/protocol';
import { Admission } from '../admission.ts';
import { type ForkServers, openForkServers, type TakenBox } from '../fork-server/fork-servers.ts';
import type { Signals } from '../run-loop.ts';
import { type OpenedBox, runInTurn } from '../run-in-turn.ts';
import type { JobEvent, JobResult, JobSpec, Sandbox, SandboxOptions, SandboxStatus } from '../sandbox.ts';
import { OpenServices } from '../service/open-services.ts';
import type { ServiceSession, ServiceSpec } from '../service/service.ts';
import { BoxPool } from './box-pool.ts';
import { type Cgroups, openCgroups } from './cgroups.ts';
import { LAYER_TARGET } from './mounts.ts';
import { type NativeTools, requireNativeTools } from './native-tools.ts';
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

export async function openBubblewrap({
  work_dir,
  jobs_max,
  cgroups,
  native_root,
  fork_server = true,
}: BubblewrapOptions): Promise<Sandbox> {
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
  const slots = new Slots(root, cgroups);
  const pool = new BoxPool(slots, { tools, etc_dir, runner_dir }, jobs_max);
  let forks: ForkServers | undefined;
  const close = async () => {
    await forks?.close();
    await pool.close();
    await slots.close();
    cgroups?.close();
    await rm(root, { recursive: true, force: true });
  };
  const problem = await probe(pool, runner_dir);
  if (problem) {
    await close();
    return unready(problem);
  }
  const opened = fork_server
    ? await openForkServers({ tools, cgroups, root, etc_dir, runner_dir, jobs_max })
    : 'switched off';
  if (typeof opened !== 'string') forks = opened;
  else pool.refill({ limits: WORKER_TIERS.small });
  const version = await bubblewrapVersion(tools);
  const bounds = cgroups
    ? `hard limits (cgroup version ${cgroups.version})`
    : 'soft limits: no cgroup is writable here, so memory and processor time are bounded per process';
  const speed = typeof opened === 'string' ? `without fork server (${opened})` : 'with fork server';
  const note = `${version} ${speed}, ${bounds}; ${describeOutput(slots.outputIsSized)}`;
  return new BubblewrapSandbox(
    { backend: 'bubblewrap', ready: true, note, limits },
    { root, outbox_dir, jobs_max, pool, forks, native_root, close },
  );
}

/** Boots a box; what is mounted as its package does not matter. */
async function probe(pool: BoxPool, module_dir: string): Promise<string | undefined> {
  try {
    const kind = { key: 'probe', module_dir, limits: WORKER_TIERS.small };
    await pool.dispose(await pool.take(kind));
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

/** Said honestly: what is only looked at can be exceeded for a moment. */
export function describeOutput(sized: boolean): string {
  const upTo = `${LIMITS.sized_output_bytes_max / MIB} MiB`;
  return sized
    ? `the output folder has a hard limit up to ${upTo} and a soft one above`
    : 'the output folder has a soft limit, because file systems of a given size cannot be mounted here';
}

function unreadySandbox(status: SandboxStatus): Sandbox {
  return {
    status: async () => status,
    // oxlint-disable-next-line require-yield
    async *runJob(spec) {
      throw new HanabiError('HANABI-W002', status.note, { jobId: spec.id });
    },
    async openService() {
      throw new HanabiError('HANABI-W002', status.note);
    },
    close: async () => {},
  };
}

interface Parts {
  root: string;
  outbox_dir: string;
  jobs_max: number;
  pool: BoxPool;
  /** Where they can run, of all jobs but those with the media tools. */
  forks: ForkServers | undefined;
  native_root: string | undefined;
  close(): Promise<void>;
}

class BubblewrapSandbox implements Sandbox {
  readonly #status: SandboxStatus;
  readonly #parts: Parts;
  readonly #packages: Packages;
  readonly #admission: Admission;
  readonly #services = new OpenServices();
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

  runJob(spec: JobSpec, signal: AbortSignal, wish?: AbortSignal): AsyncGenerator<JobEvent, JobResult, void> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    return runInTurn(this.#admission, spec, either, () => this.#open(spec, { signal: either, wish }));
  }

  openService(spec: ServiceSpec, signal: AbortSignal): Promise<ServiceSession> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    return this.#services.open(spec, either, async () => {
      const layer_dir = spec.layer_dir && (await this.#packages.reachLayer(spec.layer_dir));
      const { box, dispose } = await this.#takePlain({ ...spec, layer_dir }, undefined, false);
      return { box, dispose, libraries: layer_dir ? [LAYER_TARGET] : [] };
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#services.close();
    await this.#parts.close();
  }

  async #open(order: JobSpec, signals: Signals): Promise<OpenedBox> {
    const { forks, outbox_dir, native_root } = this.#parts;
    const spec = { ...order, layer_dir: order.layer_dir && (await this.#packages.reachLayer(order.layer_dir)) };
    const native = spec.native ? requireNativeTools(native_root) : undefined;
    const taken = (native ? undefined : await forks?.take(spec)) ?? (await this.#takePlain(spec, native));
    const libraries = [...(spec.layer_dir ? [LAYER_TARGET] : []), ...(spec.libraries ? LIBRARIES : [])];
    return { ...taken, settings: { outbox_dir: join(outbox_dir, spec.id), libraries, ...signals } };
  }

  /** `again`: the next one of that kind is made ready when this one ends. */
  async #takePlain(
    spec: Pick<JobSpec, 'module_dir' | 'entry' | 'limits' | 'layer_dir'>,
    native: NativeTools | undefined,
    again = true,
  ): Promise<TakenBox> {
    const { module_dir, entry, limits, layer_dir } = spec;
    const { pool } = this.#parts;
    const version = await this.#packages.key(module_dir, entry);
    const reachable = await this.#packages.reach(module_dir, entry, version);
    const key = JSON.stringify([version, layer_dir, limits, native]);
    const kind = { key, module_dir: reachable, layer_dir, limits, native };
    const box = await pool.take(kind);
    const dispose = async () => {
      await pool.dispose(box);
      if (again) pool.prepare(kind);
    };
    return { box, dispose };
  }
}
