/**
 * Hard limits for a job as a whole, its children and temporary files included. Version 1 keeps each controller in a
 * hierarchy of its own, version 2 has one; where neither may be written there are none, and limits are soft.
 */
import type { TierLimits } from '@hanabi/protocol';
import { openCgroupsV1 } from './cgroups-v1.ts';
import { openCgroupsV2 } from './cgroups-v2.ts';

export interface Cgroup {
  /** Files that a process joins by writing 0. */
  readonly joinFiles: readonly string[];
  /** `own`: processes in the group that are the backend's and do not count as the worker's. */
  limit(limits: TierLimits, own?: number): void;
  /** Totals since the group was made; a job is the difference. */
  cpuMs(): number;
  oomKills(): number;
  /** Since the last `forgetPeak`; sampled where the kernel keeps no peak. */
  memoryPeakBytes(): number;
  forgetPeak(): void;
  processIds(): number[];
  /** Nothing lives in it, and nothing dead waits to be buried. */
  isEmpty(): boolean;
}

export interface Cgroups {
  readonly version: 1 | 2;
  /** The group of that name below ours, made if need be. */
  group(name: string): Cgroup;
  /** Removes all of them; everything in them has ended. */
  close(): void;
}

let opened = 0;

export function openCgroups(): Cgroups | undefined {
  opened += 1;
  const name = `hanabi-${process.pid}-${opened}`;
  return openCgroupsV2(name) ?? openCgroupsV1(name);
}
