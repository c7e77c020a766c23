import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TierLimits } from '@hanabi/protocol';
import {
  CounterFile,
  CPU_PERIOD_US,
  findMount,
  PROCESSES_OF_BUBBLEWRAP,
  readProcessIds,
  removeStaleGroups,
} from './cgroup-files.ts';
import type { Cgroup, Cgroups } from './cgroups.ts';

const CONTROLLERS = ['memory', 'pids', 'cpu'];

export function openCgroupsV2(name: string): Cgroups | undefined {
  const mount = findMount(undefined);
  if (!mount) return undefined;
  // A group that holds processes cannot hand controllers down, unless it is the root: hence the tries upwards. With
  // systemd's Delegate= and DelegateSubgroup= the parent of our own group is the delegated one.
  for (const parent of new Set([mount.own, dirname(mount.own), mount.root])) {
    const folder = parent.startsWith(mount.root) ? openBelow(parent, name) : undefined;
    if (folder) return groupsBelow(folder);
  }
  return undefined;
}

function openBelow(parent: string, name: string): string | undefined {
  const folder = join(parent, name);
  try {
    const available = readFileSync(join(parent, 'cgroup.controllers'), 'utf8').trim().split(' ');
    if (!CONTROLLERS.every((controller) => available.includes(controller))) return undefined;
    handDown(parent);
    removeStaleGroups(parent);
    mkdirSync(folder, { recursive: true });
    handDown(folder);
    return folder;
  } catch {
    remove(folder);
    return undefined;
  }
}

function handDown(folder: string): void {
  const file = join(folder, 'cgroup.subtree_control');
  const enabled = readFileSync(file, 'utf8').trim().split(' ');
  const missing = CONTROLLERS.filter((controller) => !enabled.includes(controller));
  if (missing.length > 0) writeFileSync(file, missing.map((controller) => `+${controller}`).join(' '));
}

function groupsBelow(folder: string): Cgroups {
  const groups = new Map<string, CgroupV2>();
  return {
    version: 2,
    group(name) {
      let group = groups.get(name);
      if (!group) {
        group = new CgroupV2(join(folder, name));
        groups.set(name, group);
      }
      return group;
    },
    close() {
      for (const group of groups.values()) group.close();
      remove(folder);
    },
  };
}

class CgroupV2 implements Cgroup {
  readonly folder: string;
  readonly joinFiles: readonly string[];
  #peakBytes = 0;
  /** What was last written: from job to job it is most often the same. */
  #limited = '';
  readonly #cpu: CounterFile;
  readonly #oom: CounterFile;
  readonly #memory: CounterFile;
  readonly #processes: CounterFile;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.joinFiles = [join(folder, 'cgroup.procs')];
    this.#cpu = new CounterFile(join(folder, 'cpu.stat'));
    this.#oom = new CounterFile(join(folder, 'memory.events'));
    this.#memory = new CounterFile(join(folder, 'memory.current'));
    this.#processes = new CounterFile(join(folder, 'pids.current'));
  }

  limit(limits: TierLimits, own = PROCESSES_OF_BUBBLEWRAP): void {
    const wanted = `${limits.memory_bytes_max} ${limits.processes_max + own}`;
    if (wanted === this.#limited) return;
    this.#limited = '';
    this.#write('memory.max', limits.memory_bytes_max);
    if (existsSync(join(this.folder, 'memory.swap.max'))) this.#write('memory.swap.max', 0);
    this.#write('memory.oom.group', 1);
    this.#write('pids.max', limits.processes_max + own);
    this.#write('cpu.max', `${CPU_PERIOD_US} ${CPU_PERIOD_US}`);
    this.#limited = wanted;
  }

  cpuMs(): number {
    return this.#cpu.valueAfter('usage_usec') / 1000;
  }

  oomKills(): number {
    return this.#oom.valueAfter('oom_kill');
  }

  /** memory.peak cannot be reset on most kernels and a group serves many jobs: hence the largest value seen. */
  memoryPeakBytes(): number {
    this.#peakBytes = Math.max(this.#peakBytes, this.#memory.value());
    return this.#peakBytes;
  }

  forgetPeak(): void {
    this.#peakBytes = 0;
  }

  processIds(): number[] {
    return readProcessIds(join(this.folder, 'cgroup.procs'));
  }

  isEmpty(): boolean {
    return this.#processes.value() === 0;
  }

  close(): void {
    for (const file of [this.#cpu, this.#oom, this.#memory, this.#processes]) file.close();
    remove(this.folder);
  }

  #write(name: string, value: string | number): void {
    writeFileSync(join(this.folder, name), String(value));
  }
}

function remove(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Never made, or something still ends in it: the next start removes what is left.
  }
}
