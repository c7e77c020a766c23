import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HanabiError, LIMITS, type TierLimits, WORKER_TIERS } from '@hanabi/protocol';
import { Admission } from '../admission.ts';
import { containerSeccompProfile } from '../assets.ts';
import { LAYER_TARGET, MODULE_TARGET } from '../bubblewrap/mounts.ts';
import { describeOutput } from '../bubblewrap/bubblewrap-sandbox.ts';
import { IS_ROOT, Packages, prepareRoot, prepareRunner } from '../bubblewrap/prepare.ts';
import { type Slot, Slots } from '../bubblewrap/slots.ts';
import { removeTree } from '../output-folder/remove-tree.ts';
import type { Signals } from '../run-loop.ts';
import { type OpenedBox, runInTurn } from '../run-in-turn.ts';
import type { JobEvent, JobResult, JobSpec, Sandbox, SandboxStatus } from '../sandbox.ts';
import { OpenServices } from '../service/open-services.ts';
import type { ServiceSession, ServiceSpec } from '../service/service.ts';
import { ContainerBox } from './container-box.ts';
import { ContainerPool } from './container-pool.ts';
import { createRequest } from './create-request.ts';
import { Engine } from './engine.ts';
import { findEngine, type FoundEngine } from './find-engine.ts';
import { ownLabels, sweep } from './ownership.ts';
import type { ContainerSettings } from './settings.ts';

/** Debian's folder of Python libraries that are installed with apt, in the image. */
const LIBRARIES = ['/usr/lib/python3/dist-packages'];

export interface ContainerOptions {
  work_dir: string;
  jobs_max: number;
  settings: ContainerSettings;
}

/** What a waiting container fits: one version of one package, with its libraries, under one set of limits. */
/** What of a job or a service says which box fits it. */
type PackageSpec = Pick<JobSpec, 'module_dir' | 'entry' | 'limits' | 'layer_dir' | 'native'>;

interface Kind {
  key: string;
  image_id: string;
  module_dir: string;
  layer_dir: string | undefined;
  limits: TierLimits;
}

/** Starts a container once, so that `ready` is the truth. */
export async function createContainerSandbox(options: ContainerOptions): Promise<Sandbox> {
  const engine = new Engine(options.settings.socket_path);
  const found = await findEngine(engine, options.settings);
  if (typeof found === 'string') {
    engine.close();
    return unreadySandbox(found);
  }
  let sandbox = await ContainerSandbox.open(engine, found, options, { sized: IS_ROOT });
  let problem = await sandbox.probe();
  // What is mounted in a mount namespace of ours, as services have one, the engine does not see.
  if (problem && IS_ROOT && /source path does not exist/.test(problem)) {
    await sandbox.close();
    sandbox = await ContainerSandbox.open(engine, found, options, { sized: false });
    problem = await sandbox.probe();
  }
  if (!problem) return sandbox;
  await sandbox.close();
  return unreadySandbox(problem);
}

function unreadySandbox(note: string): Sandbox {
  return {
    status: async () => ({ backend: 'container', ready: false, note, limits: 'hard' }),
    // oxlint-disable-next-line require-yield
    async *runJob(spec) {
      throw new HanabiError('HANABI-W002', note, { jobId: spec.id });
    },
    async openService() {
      throw new HanabiError('HANABI-W002', note);
    },
    close: async () => {},
  };
}

interface Parts {
  engine: Engine;
  found: FoundEngine;
  options: ContainerOptions;
  root: string;
  slots: Slots;
  seccomp: string;
  labels: Record<string, string>;
  empty_file: string;
  runner_dir: string;
}

class ContainerSandbox implements Sandbox {
  readonly #parts: Parts;
  readonly #packages: Packages;
  readonly #pool: ContainerPool<Kind>;
  readonly #admission: Admission;
  readonly #services = new OpenServices();
  readonly #closing = new AbortController();

  static async open(
    engine: Engine,
    found: FoundEngine,
    options: ContainerOptions,
    { sized }: { sized: boolean },
  ): Promise<ContainerSandbox> {
    const { work_dir } = options;
    await sweep(engine, work_dir);
    const outbox_dir = join(work_dir, 'outbox');
    await rm(outbox_dir, { recursive: true, force: true });
    await mkdir(outbox_dir, { recursive: true, mode: 0o700 });
    const root = await prepareRoot(work_dir);
    const empty_file = join(root, 'empty');
    await writeFile(empty_file, '', { mode: 0o644 });
    const seccomp = await readFile(containerSeccompProfile(), 'utf8');
    const labels = ownLabels(work_dir);
    const runner_dir = await prepareRunner(root, { python: '/usr/bin/python3' });
    const slots = new Slots(root, undefined, 0, sized);
    return new ContainerSandbox({ engine, found, options, root, slots, seccomp, labels, empty_file, runner_dir });
  }

  private constructor(parts: Parts) {
    this.#parts = parts;
    const { root, slots, options } = parts;
    this.#packages = new Packages(root);
    this.#pool = new ContainerPool<Kind>({
      slots,
      idle_max: options.jobs_max,
      boot: (kind, slot) => this.#boot(kind, slot),
      report: (problem) => console.error(problem),
    });
    this.#admission = new Admission(options.jobs_max, LIMITS.job_admission_timeout_ms);
  }

  /** Boots one container; what its package is does not matter. */
  async probe(): Promise<string | undefined> {
    try {
      const { runner_dir, found } = this.#parts;
      const kind = { key: 'probe', image_id: found.image_id, module_dir: runner_dir, layer_dir: undefined };
      await this.#pool.dispose(await this.#pool.take({ ...kind, limits: WORKER_TIERS.small }));
      return undefined;
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error };
      return `the engine could not start a container: ${(cause?.message ?? message).trim().split('\n').at(-1)}`;
    }
  }

  async status(): Promise<SandboxStatus> {
    const { found, slots } = this.#parts;
    const note = `${found.note}; ${describeOutput(slots.outputIsSized)}`;
    return { backend: 'container', ready: true, note, limits: 'hard' };
  }

  runJob(spec: JobSpec, signal: AbortSignal, wish?: AbortSignal): AsyncGenerator<JobEvent, JobResult, void> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    return runInTurn(this.#admission, spec, either, () => this.#open(spec, { signal: either, wish }));
  }

  openService(spec: ServiceSpec, signal: AbortSignal): Promise<ServiceSession> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    return this.#services.open(spec, either, async () => {
      const kind = await this.#kindOf(spec);
      const box = await this.#pool.take(kind);
      return { box, dispose: () => this.#pool.dispose(box), libraries: kind.layer_dir ? [LAYER_TARGET] : [] };
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#services.close();
    await this.#pool.close();
    this.#parts.engine.close();
    // Workers may have locked what they left.
    if (existsSync(this.#parts.root)) await removeTree(this.#parts.root);
    await rm(this.#parts.root, { recursive: true, force: true });
  }

  async #open(spec: JobSpec, signals: Signals): Promise<OpenedBox> {
    const kind = await this.#kindOf(spec);
    const box = await this.#pool.take(kind);
    const outbox_dir = join(this.#parts.options.work_dir, 'outbox', spec.id);
    const libraries = [...(kind.layer_dir ? [LAYER_TARGET] : []), ...(spec.libraries ? LIBRARIES : [])];
    const dispose = async () => {
      await this.#pool.dispose(box);
      this.#pool.prepare(kind);
    };
    return { box, dispose, settings: { outbox_dir, libraries, ...signals } };
  }

  async #kindOf({ module_dir, entry, limits, layer_dir, native }: PackageSpec): Promise<Kind> {
    const version = await this.#packages.key(module_dir, entry);
    const reachable = await this.#packages.reach(module_dir, entry, version);
    const layer = layer_dir && (await this.#packages.reachLayer(layer_dir));
    const image_id = native ? this.#nativeImage() : this.#parts.found.image_id;
    const key = [version, layer, image_id, JSON.stringify(limits)].join('|');
    return { key, image_id, module_dir: reachable, layer_dir: layer, limits };
  }

  #nativeImage(): string {
    const { native_image_id } = this.#parts.found;
    if (native_image_id) return native_image_id;
    const { native_image } = this.#parts.options.settings;
    throw new HanabiError(
      'HANABI-W017',
      `no image "${native_image}" on the server; hanabi worker-image build --native`,
    );
  }

  #boot({ image_id, module_dir, layer_dir, limits }: Kind, slot: Slot): Promise<ContainerBox> {
    const { engine, options, seccomp, labels, empty_file, runner_dir } = this.#parts;
    const binds = [
      { source: runner_dir, target: '/runner/hanabi_runner' },
      { source: module_dir, target: MODULE_TARGET },
      { source: slot.input_dir, target: '/in' },
      { source: slot.output.dir, target: '/out', writable: true as const },
      ...(layer_dir ? [{ source: layer_dir, target: LAYER_TARGET }] : []),
    ];
    const { runtime } = options.settings;
    const uid = slot.uid ?? process.getuid!();
    const gid = slot.uid ?? process.getgid!();
    const parts = { image_id, runtime, seccomp, uid, gid, limits, labels, binds, empty_file };
    return ContainerBox.boot(engine, slot, (command) => createRequest({ ...parts, command }));
  }
}
