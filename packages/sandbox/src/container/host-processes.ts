/**
 * A running container as the host sees it: its first process and its cgroup. Where the host sees neither, because it
 * runs in a container of its own, only the engine can be asked.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { FRAME_FD_OUT } from '@hanabi/protocol';
import { findMount, readCounter, readProcessIds } from '../bubblewrap/cgroup-files.ts';
import type { BoxUsage } from '../box.ts';

export interface HostProcesses {
  /** Nothing in the container survives it. */
  readonly init: number;
  /** Totals since the container was started. */
  usage: () => BoxUsage;
  /** All living ones, the first included. */
  ids: () => number[];
  /** The worker goes on and has closed its end of the channel, of which an engine says nothing. */
  hasClosedChannel: () => boolean;
}

/** Undefined unless that process is here, and is the container's: process numbers mean something per namespace only. */
export function findHostProcesses(container_id: string, init: number): HostProcesses | undefined {
  try {
    const groups = readFileSync(`/proc/${init}/cgroup`, 'latin1')
      .split('\n')
      .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, controllers, path]) => ({ controllers: controllers!.split(','), path: path! }))
      .filter(({ path }) => path.includes(container_id));
    const folderOf = (controller: string): string | undefined => {
      const group = groups.find(({ controllers }) => controllers.includes(controller));
      const mount = group && findMount(controller || undefined);
      return mount && join(mount.root, group.path);
    };
    const found = version1(folderOf) ?? version2(folderOf);
    return found && { init, ...found, hasClosedChannel: () => hasClosedChannel(init) };
  } catch {
    return undefined;
  }
}

type Counters = Omit<HostProcesses, 'init' | 'hasClosedChannel'>;

/** The first process keeps the channel open; its only child is the worker. One that is ending has no descriptors at all. */
function hasClosedChannel(init: number): boolean {
  try {
    const worker = Number.parseInt(readFileSync(`/proc/${init}/task/${init}/children`, 'latin1'), 10);
    const descriptors = readdirSync(`/proc/${worker}/fd`);
    if (descriptors.length === 0) return false;
    if (!descriptors.includes(String(FRAME_FD_OUT))) return true;
    const [held, own] = [worker, init].map((pid) => readlinkSync(`/proc/${pid}/fd/${FRAME_FD_OUT}`));
    return held !== own;
  } catch {
    return false; // it has ended, or its descriptors are not ours to see
  }
}

function version1(folderOf: (controller: string) => string | undefined): Counters | undefined {
  const [memory, cpuacct] = [folderOf('memory'), folderOf('cpuacct')];
  if (!memory || !cpuacct || !existsSync(memory) || !existsSync(cpuacct)) return undefined;
  return {
    usage: () => ({
      cpu_ms: readNumber(join(cpuacct, 'cpuacct.usage')) / 1e6,
      memory_bytes_peak: readNumber(join(memory, 'memory.max_usage_in_bytes')),
      oom_kills: readCounter(join(memory, 'memory.oom_control'), 'oom_kill'),
    }),
    ids: () => readProcessIds(join(memory, 'cgroup.procs')),
  };
}

function version2(folderOf: (controller: string) => string | undefined): Counters | undefined {
  const folder = folderOf('');
  if (!folder || !existsSync(join(folder, 'memory.events'))) return undefined;
  // Kernels before 5.19 keep no peak.
  const memory = ['memory.peak', 'memory.current'].map((name) => join(folder, name)).find(existsSync)!;
  return {
    usage: () => ({
      cpu_ms: readCounter(join(folder, 'cpu.stat'), 'usage_usec') / 1000,
      memory_bytes_peak: readNumber(memory),
      oom_kills: readCounter(join(folder, 'memory.events'), 'oom_kill'),
    }),
    ids: () => readProcessIds(join(folder, 'cgroup.procs')),
  };
}

function readNumber(file: string): number {
  return Number(readFileSync(file, 'latin1'));
}
