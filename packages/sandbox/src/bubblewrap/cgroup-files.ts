/** Reading and clearing the cgroup file systems, both versions of them. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, rmdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** bubblewrap's own two processes are in the group and do not count as the worker's. */
export const PROCESSES_OF_BUBBLEWRAP = 2;

/** One core for a job, as microseconds of every period. */
export const CPU_PERIOD_US = 100_000;

/** Takes away what a supervisor left that was killed: its groups, with whatever still lives in them. */
export function removeStaleGroups(parent: string): void {
  for (const entry of readdirSync(parent)) {
    const pid = /^hanabi-(\d+)-\d+$/.exec(entry)?.[1];
    if (pid === undefined || Number(pid) === process.pid || isAlive(Number(pid))) continue;
    const folder = join(parent, entry);
    for (const child of readdirSync(folder, { withFileTypes: true })) {
      if (child.isDirectory()) killAndRemove(join(folder, child.name));
    }
    killAndRemove(folder);
  }
}

function killAndRemove(folder: string): void {
  try {
    for (const pid of readProcessIds(join(folder, 'cgroup.procs'))) process.kill(pid, 'SIGKILL');
    rmdirSync(folder);
  } catch {
    // Still emptying, or not ours to remove: the next start tries again.
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process of another process namespace reads as 0, which for kill would be our own group. */
export function readProcessIds(file: string): number[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** The number after `key` in a file of "key number" lines. */
export function readCounter(file: string, key: string): number {
  return counterIn(readFileSync(file, 'utf8'), key);
}

function counterIn(text: string, key: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${key} `));
  return line ? Number(line.slice(key.length + 1)) : 0;
}

/** Longer than any file of counters. */
const COUNTERS = Buffer.alloc(8192);

/** A file that is read for each job: it stays open, because opening it takes longer than reading it. */
export class CounterFile {
  readonly #path: string;
  readonly #flags: 'r' | 'r+';
  #fd: number | undefined;

  constructor(path: string, flags: 'r' | 'r+' = 'r') {
    this.#path = path;
    this.#flags = flags;
  }

  /** The one number in it. */
  value(): number {
    return Number(this.#text());
  }

  /** The number after `key` in a file of "key number" lines. */
  valueAfter(key: string): number {
    return counterIn(this.#text(), key);
  }

  write(value: string): void {
    writeSync(this.#open(), value, 0);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): number {
    this.#fd ??= openSync(this.#path, this.#flags);
    return this.#fd;
  }

  #text(): string {
    return COUNTERS.toString('latin1', 0, readSync(this.#open(), COUNTERS, 0, COUNTERS.length, 0));
  }
}

export interface CgroupMount {
  /** Where this process's own group of that hierarchy is found. */
  readonly own: string;
  readonly root: string;
}

/** The mount of a hierarchy: of a v1 controller, or with `undefined` of version 2. */
export function findMount(controller: string | undefined): CgroupMount | undefined {
  const type = controller ? 'cgroup' : 'cgroup2';
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [left, right] = line.split(' - ');
    const [fsType, , superOptions = ''] = right?.split(' ') ?? [];
    if (fsType !== type || (controller && !superOptions.split(',').includes(controller))) continue;
    const [, , , mountRoot = '/', root = ''] = left!.split(' ');
    const path = ownPath(controller);
    // In a container the mount may begin at the container's own group.
    const below = path === mountRoot || path.startsWith(`${mountRoot}/`) ? path.slice(mountRoot.length) : path;
    return { own: join(root, mountRoot === '/' ? path : below), root };
  }
  return undefined;
}

function ownPath(controller: string | undefined): string {
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (controller ? controllers!.split(',').includes(controller) : controllers === '') return path;
  }
  return '/';
}
