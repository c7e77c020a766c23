/**
 * One program of python/hanabi_libraries in a sandbox of its own: sealed as a job is, with a folder to write into.
 * Whatever comes from an index is read in here and nowhere else.
 */
import { spawn } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LIMITS, MIB, type TierLimits } from '@hanabi/protocol';
import { librariesFolder } from '../assets.ts';
import type { Cgroup } from '../bubblewrap/cgroups.ts';
import { openCgroups } from '../bubblewrap/cgroups.ts';
import { launch, softLimits } from '../bubblewrap/command.ts';
import { bubblewrapArguments, type MountStep, ownMounts, sharedMounts } from '../bubblewrap/mounts.ts';
import { IS_ROOT, openToSlots, prepareEtc, prepareRoot } from '../bubblewrap/prepare.ts';
import type { Tools } from '../bubblewrap/tools.ts';
import { lastCharacters, LogTail } from '../log-tail.ts';

/** Below those of all slots. */
const BUILD_UID = 1_899_999_999;

const BUILD_LIMITS: TierLimits = {
  memory_bytes_max: 2048 * MIB,
  cpu_ms_max: LIMITS.library_build_ms_max,
  wall_ms_max: LIMITS.library_build_ms_max,
  output_bytes_max: LIMITS.library_layer_bytes_max,
  output_files_max: LIMITS.library_layer_files_max,
  processes_max: 32,
};

const ANSWER_BYTES_MAX = 16 * MIB;
const LOG_CHARS_MAX = 2000;
/** The path of a socket may have 107 bytes. */
const FOLDER_BYTES_MAX = 70;
const DEATH_TIMEOUT_MS = 10_000;

/** Lists of the files of Debian's packages, and what they depend on. */
const OF_DPKG = ['/var/lib/dpkg/info', '/var/lib/dpkg/status'];

/** The sandbox itself failed: something for the operator, not for the author. */
export class BuildError extends Error {}

export interface BuildFolders {
  /** What the program reads, at /in. */
  input_dir: string;
  /** What it writes, at /out. */
  output_dir: string;
  /** At /index, for the socket. */
  index_dir: string;
  /** The host's alone, on the same file system as the others. */
  wheels_dir: string;
}

export class BuildBox {
  readonly #root: string;
  readonly #tools: Tools;
  #index_dir: string | undefined;

  private constructor(root: string, tools: Tools) {
    this.#root = root;
    this.#tools = tools;
  }

  static async open(work_dir: string, tools: Tools): Promise<BuildBox> {
    await mkdir(work_dir, { recursive: true, mode: 0o711 });
    const root = await prepareRoot(work_dir);
    await prepareEtc(root);
    const programs = join(root, 'programs');
    await cp(librariesFolder(), programs, { recursive: true, filter: (path) => !path.endsWith('__pycache__') });
    await openToSlots(programs);
    return new BuildBox(root, tools);
  }

  /** The user that builds run as, when we are root. */
  get uid(): number | undefined {
    return IS_ROOT ? BUILD_UID : undefined;
  }

  /** Empty folders for a build, until `clear`. One build at a time. */
  async folders(): Promise<BuildFolders> {
    await this.clear();
    const folder = join(this.#root, 'build');
    const wheels_dir = join(folder, 'wheels');
    await mkdir(wheels_dir, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o711);
    const short = Buffer.byteLength(folder) <= FOLDER_BYTES_MAX ? folder : '/tmp';
    this.#index_dir = await mkdtemp(join(short, 'hanabi-index-'));
    await chmod(this.#index_dir, 0o711);
    return { ...(await this.#ownFolders('first')), index_dir: this.#index_dir, wheels_dir };
  }

  /** For the second program of the same build: nothing that the first one wrote is in them. */
  async nextFolders({ index_dir, wheels_dir }: BuildFolders): Promise<BuildFolders> {
    return { ...(await this.#ownFolders('second')), index_dir, wheels_dir };
  }

  async #ownFolders(name: string): Promise<Pick<BuildFolders, 'input_dir' | 'output_dir'>> {
    const folder = join(this.#root, 'build', name);
    const [input_dir, output_dir] = [join(folder, 'in'), join(folder, 'out')];
    const temporary = join(output_dir, 'tmp');
    for (const path of [input_dir, temporary]) await mkdir(path, { recursive: true });
    for (const path of [folder, input_dir]) await chmod(path, 0o711);
    for (const path of [output_dir, temporary]) {
      if (this.uid !== undefined) await chown(path, this.uid, this.uid);
      await chmod(path, 0o700);
    }
    return { input_dir, output_dir };
  }

  /** After a build: what it read and wrote is of no use any more. */
  async clear(): Promise<void> {
    await rm(join(this.#root, 'build'), { recursive: true, force: true });
    if (this.#index_dir) await rm(this.#index_dir, { recursive: true, force: true });
  }

  /** What the program answers, or a BuildError; an abort kills it. When this settles everything in the sandbox is dead. */
  async run(program: 'resolve' | 'unpack', folders: BuildFolders, signal: AbortSignal): Promise<unknown> {
    const cgroups = openCgroups();
    try {
      const cgroup = cgroups?.group('build');
      cgroup?.limit(BUILD_LIMITS);
      const failure = await this.#spawn(this.#command(program, folders, cgroup), cgroup, signal);
      if (failure) throw new BuildError(failure);
      return await readAnswer(join(folders.output_dir, 'answer.json'));
    } finally {
      cgroups?.close();
    }
  }

  async close(): Promise<void> {
    await this.clear();
    await rm(this.#root, { recursive: true, force: true });
  }

  #command(program: string, { input_dir, output_dir, index_dir }: BuildFolders, cgroup: Cgroup | undefined) {
    const programs = join(this.#root, 'programs');
    const inside: MountStep[] = [
      ...sharedMounts({ etc_dir: join(this.#root, 'etc'), runner_dir: programs }),
      ...ownMounts({ input_dir }),
      { kind: 'bind', source: programs, target: '/builder/hanabi_libraries' },
      { kind: 'bind', source: index_dir, target: '/index' },
      { kind: 'bind', source: output_dir, target: '/out', writable: true },
    ];
    for (const path of OF_DPKG) if (existsSync(path)) inside.push({ kind: 'bind', source: path, target: path });
    // Wheels are larger than the /tmp of a job.
    const last = ['--setenv', 'TMPDIR', '/out/tmp', '--remount-ro', '/', '--chdir', '/out/tmp'];
    const mounts = [...bubblewrapArguments(inside), ...last];
    const tools = this.#tools;
    const soft = cgroup ? [] : softLimits(tools, BUILD_LIMITS);
    const script = `/builder/hanabi_libraries/${program}.py`;
    const parts = { tools, limits: BUILD_LIMITS, uid: this.uid, join_files: cgroup?.joinFiles ?? [] };
    return launch(parts, BUILD_LIMITS.output_bytes_max, mounts, [...soft, tools.python, '-I', '-S', script]);
  }

  /** Why it failed, or undefined. */
  async #spawn({ file, args }: { file: string; args: string[] }, cgroup: Cgroup | undefined, signal: AbortSignal) {
    const child = spawn(file, args, { env: {}, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    const log = new LogTail([child.stdout, child.stderr]);
    const ticks = setInterval(() => log.tick(), 100);
    // Everything in there dies with it.
    const kill = () => child.kill('SIGKILL');
    signal.addEventListener('abort', kill);
    if (signal.aborted) kill();
    try {
      const code = await new Promise<number | null>((resolve) => {
        child.once('exit', resolve).once('error', () => resolve(127));
      });
      if (cgroup) await untilEmpty(cgroup);
      await log.drained();
      if (signal.aborted) return 'the build took too long, or the server is stopping';
      if (cgroup && cgroup.oomKills() > 0) return 'the build ran out of memory';
      return code === 0 ? undefined : `the build failed: ${lastCharacters(log.text().trim(), LOG_CHARS_MAX)}`;
    } finally {
      signal.removeEventListener('abort', kill);
      clearInterval(ticks);
    }
  }
}

/** Written by a sandbox that may be another's by then: a plain file, or nothing. */
async function readAnswer(path: string): Promise<unknown> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  if (!file) throw new BuildError('the build ended without an answer');
  try {
    const found = await file.stat();
    if (!found.isFile() || found.nlink !== 1 || found.size > ANSWER_BYTES_MAX) throw new BuildError('a strange answer');
    return JSON.parse(await file.readFile('utf8')) as unknown;
  } catch (cause) {
    throw cause instanceof BuildError ? cause : new BuildError('the answer of the build is not JSON');
  } finally {
    await file.close();
  }
}

async function untilEmpty(cgroup: Cgroup): Promise<void> {
  const deadline = performance.now() + DEATH_TIMEOUT_MS;
  while (cgroup.processIds().length > 0) {
    if (performance.now() > deadline) throw new BuildError('processes of the build survive');
    await delay(2);
  }
}
