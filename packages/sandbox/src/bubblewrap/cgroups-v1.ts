import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

const CONTROLLERS = ['memory', 'cpuacct', 'cpu', 'pids'] as const;
type Controller = (typeof CONTROLLERS)[number];
type Folders = Readonly<Record<Controller, string>>;

/** All four controllers, or undefined: half of them would be a limit that looks hard and is not. */
export function openCgroupsV1(name: string): Cgroups | undefined {
  const parents: Partial<Record<Controller, string>> = {};
  for (const controller of CONTROLLERS) {
    const mount = findMount(controller);
    if (!mount) return undefined;
    parents[controller] = mount.own;
  }
  const ours = mapFolders(parents as Folders, (folder) => join(folder, name));
  try {
    for (const controller of CONTROLLERS) {
      removeStaleGroups(parents[controller]!);
      mkdirSync(ours[controller], { recursive: true });
    }
  } catch {
    removeAll(ours);
    return undefined;
  }
  const groups = new Map<string, CgroupV1>();
  return {
    version: 1,
    group(groupName) {
      let group = groups.get(groupName);
      if (!group) {
        group = new CgroupV1(mapFolders(ours, (folder) => join(folder, groupName)));
        groups.set(groupName, group);
      }
      return group;
    },
    close() {
      for (const group of groups.values()) group.close();
      removeAll(ours);
    },
  };
}

class CgroupV1 implements Cgroup {
  readonly folders: Folders;
  readonly joinFiles: readonly string[];
  /** What was last written: from job to job it is most often the same. */
  #limited = '';
  readonly #cpu: CounterFile;
  readonly #oom: CounterFile;
  readonly #peak: CounterFile;
  readonly #processes: CounterFile;

  constructor(folders: Folders) {
    this.folders = folders;
    for (const folder of new Set(Object.values(folders))) mkdirSync(folder, { recursive: true });
    this.joinFiles = [...new Set(Object.values(folders))].map((folder) => join(folder, 'cgroup.procs'));
    this.#cpu = new CounterFile(join(folders.cpuacct, 'cpuacct.usage'));
    this.#oom = new CounterFile(join(folders.memory, 'memory.oom_control'));
    this.#peak = new CounterFile(join(folders.memory, 'memory.max_usage_in_bytes'), 'r+');
    this.#processes = new CounterFile(join(folders.pids, 'pids.current'));
  }

  limit(limits: TierLimits, own = PROCESSES_OF_BUBBLEWRAP): void {
    const wanted = `${limits.memory_bytes_max} ${limits.processes_max + own}`;
    if (wanted === this.#limited) return;
    this.#limited = '';
    const { memory, cpu, pids } = this.folders;
    // Swap included. The kernel wants memory ≤ memory + swap at every moment, so the outer bound moves away first.
    const withSwap = join(memory, 'memory.memsw.limit_in_bytes');
    const swapIsCounted = existsSync(withSwap);
    if (swapIsCounted) writeFileSync(withSwap, '-1');
    writeFileSync(join(memory, 'memory.limit_in_bytes'), String(limits.memory_bytes_max));
    if (swapIsCounted) writeFileSync(withSwap, String(limits.memory_bytes_max));
    else writeFileSync(join(memory, 'memory.swappiness'), '0');
    writeFileSync(join(pids, 'pids.max'), String(limits.processes_max + own));
    writeFileSync(join(cpu, 'cpu.cfs_period_us'), String(CPU_PERIOD_US));
    writeFileSync(join(cpu, 'cpu.cfs_quota_us'), String(CPU_PERIOD_US));
    this.#limited = wanted;
  }

  cpuMs(): number {
    return this.#cpu.value() / 1e6;
  }

  oomKills(): number {
    return this.#oom.valueAfter('oom_kill');
  }

  memoryPeakBytes(): number {
    return this.#peak.value();
  }

  forgetPeak(): void {
    this.#peak.write('0');
  }

  processIds(): number[] {
    return readProcessIds(join(this.folders.pids, 'cgroup.procs'));
  }

  isEmpty(): boolean {
    return this.#processes.value() === 0;
  }

  close(): void {
    for (const file of [this.#cpu, this.#oom, this.#peak, this.#processes]) file.close();
    removeAll(this.folders);
  }
}

function mapFolders(folders: Folders, change: (folder: string) => string): Folders {
  return {
    memory: change(folders.memory),
    cpuacct: change(folders.cpuacct),
    cpu: change(folders.cpu),
    pids: change(folders.pids),
  };
}

function removeAll(folders: Folders): void {
  for (const folder of new Set(Object.values(folders))) {
    try {
      rmdirSync(folder);
    } catch {
      // Never made, or something still ends in it: the next start removes what is left.
    }
  }
}
