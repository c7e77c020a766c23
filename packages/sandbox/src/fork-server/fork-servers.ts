/**
 * The fork servers of one sandbox, each started when its first job comes: one for each set of libraries in use, and
 * another where activities of workflows use them, because what those load first takes longer than they do.
 */
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WORKER_TIERS } from '@hanabi/protocol';
import { forkServerFolder } from '../assets.ts';
import type { Cgroups } from '../bubblewrap/cgroups.ts';
import type { Box } from '../box.ts';
import { IS_ROOT, openToSlots } from '../bubblewrap/prepare.ts';
import type { Tools } from '../bubblewrap/tools.ts';
import { ForkPool } from './fork-pool.ts';
import type { JobSpec } from '../sandbox.ts';
import { KeptWhileUsed, type Use } from './kept-while-used.ts';
import { PackageCopies } from './package-copies.ts';

/** Slots of all servers together; the numbers of the plain pool lie below. */
const FIRST_SLOT = 100_000;
const SLOTS_PER_SERVER = 1000;

/** One that has had no job for so long ends; the one of plain jobs without libraries stays. */
const IDLE_MS_MAX = 10 * 60_000;

export interface ForkServersParts {
  tools: Tools;
  cgroups: Cgroups | undefined;
  /** Reachable for the users of slots. */
  root: string;
  etc_dir: string;
  runner_dir: string;
  jobs_max: number;
}

type Kind = Pick<JobSpec, 'layer_dir' | 'activity'>;

export interface TakenBox {
  box: Box;
  /** Settles when everything in it is dead. */
  readonly dispose: () => Promise<void>;
}

/** The fork servers, or one line that says why there are none here. */
export async function openForkServers(parts: ForkServersParts): Promise<ForkServers | string> {
  const { cgroups } = parts;
  if (!IS_ROOT) return 'the supervisor is not root';
  if (!cgroups) return 'no cgroup is writable here';
  return ForkServers.open({ ...parts, cgroups }).catch((error: Error) => error.message.split('\n').at(-1)!);
}

type Parts = ForkServersParts & { cgroups: Cgroups };

export class ForkServers {
  readonly #parts: Parts;
  readonly #packages: PackageCopies;
  readonly #servers = new KeptWhileUsed<ForkPool>();
  readonly #packagesDir: string;
  readonly #codeDir: string;
  readonly #seccomp: string;
  #started = 0;
  #closed = false;

  private constructor(parts: Parts, folder: string) {
    this.#parts = parts;
    this.#packagesDir = join(folder, 'packages');
    this.#codeDir = join(folder, 'code');
    this.#seccomp = join(folder, 'seccomp.bpf');
    this.#packages = new PackageCopies(this.#packagesDir);
  }

  /** Starts the one without libraries, so that it is known to work; throws with the reason where none can run. */
  static async open(parts: Parts): Promise<ForkServers> {
    const folder = join(parts.root, 'fork-servers');
    const servers = new ForkServers(parts, folder);
    await mkdir(servers.#packagesDir, { recursive: true });
    await cp(forkServerFolder(), servers.#codeDir, {
      recursive: true,
      filter: (path) => !path.endsWith('__pycache__'),
    });
    await copyFile(parts.tools.seccomp, servers.#seccomp);
    await openToSlots(folder);
    const { value: pool, leave } = await servers.#use({});
    pool.refill(WORKER_TIERS.small);
    leave();
    return servers;
  }

  /** A box in which Python is about to be up, or undefined where no fork server for these libraries can be started. */
  async take({ module_dir, entry, layer_dir, activity, limits }: JobSpec): Promise<TakenBox | undefined> {
    const server = await this.#use({ layer_dir, activity }).catch(() => undefined);
    if (!server) return undefined;
    const { value: pool, leave } = server;
    let release = leave;
    try {
      const taken = await this.#packages.take(module_dir, entry);
      release = () => {
        taken.release();
        leave();
      };
      const box = await pool.take(taken.name, limits);
      const dispose = async () => {
        await pool.dispose(box).finally(release);
        setImmediate(() => pool.refill(limits));
      };
      return { box, dispose };
    } catch (error) {
      release();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#servers.close();
  }

  #use(kind: Kind): Promise<Use<ForkPool>> {
    const key = `${kind.activity ? 'activities' : 'jobs'} ${kind.layer_dir ?? ''}`;
    const stays = !kind.activity && kind.layer_dir === undefined;
    return this.#servers.use(key, () => this.#open(kind), stays ? undefined : IDLE_MS_MAX);
  }

  #open({ layer_dir, activity = false }: Kind): Promise<ForkPool> {
    if (this.#closed) return Promise.reject(new Error('the sandbox is closed'));
    const { tools, cgroups, root, etc_dir, runner_dir, jobs_max } = this.#parts;
    const number = this.#started;
    this.#started += 1;
    return ForkPool.open({
      tools,
      cgroups,
      folders: {
        etc_dir,
        runner_dir,
        layer_dir,
        code_dir: this.#codeDir,
        seccomp: this.#seccomp,
        packages_dir: this.#packagesDir,
      },
      activities: activity,
      root: join(root, 'fork-servers', String(number)),
      first_slot: FIRST_SLOT + number * SLOTS_PER_SERVER + 1,
      jobs_max,
    });
  }
}
