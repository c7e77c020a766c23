/**
 * What the engine is asked for. The set was tried against a kit of attack workers; removing any part of it let some of
 * them through, so nothing here is decoration.
 */
import { MIB, type TierLimits } from '@hanabi/protocol';
import { OOM_SCORE } from '../bubblewrap/resource-limits.ts';

const TMP_BYTES_MAX = 64 * MIB;
const TMP_FILES_MAX = 16 * 1024;
const SHM_BYTES_MAX = 16 * MIB;
const OPEN_FILES_MAX = 256;
const CPUS = 1;

/** The shell that waits for the worker. */
const OWN_PROCESSES = 1;

/** Files that the engine would fill with what it knows of the host: its name, its resolvers. */
const FILES_OF_THE_ENGINE = ['/etc/hostname', '/etc/hosts', '/etc/resolv.conf'];

/** The engine's own list, and all of /sys, which tells much of the host and is of no use to a worker. */
const MASKED_PATHS = [
  '/sys',
  ...['acpi', 'asound', 'cmdline', 'interrupts', 'kcore', 'keys', 'latency_stats', 'sched_debug', 'scsi'].map(inProc),
  ...['timer_list', 'timer_stats'].map(inProc),
];
const READONLY_PATHS = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map(inProc);

const ENVIRONMENT = ['PATH=/usr/bin:/bin', 'HOME=/tmp', 'LANG=C.UTF-8'];

export interface ContainerParts {
  /** By its digest: what a name means may change, what runs may not. */
  image_id: string;
  runtime: string | undefined;
  /** The text of our profile: the engine's own leaves AF_VSOCK and io_uring open. */
  seccomp: string;
  uid: number;
  gid: number;
  command: readonly string[];
  limits: TierLimits;
  labels: Record<string, string>;
  /** Of the host, seen as the path says; read-only unless it says otherwise. */
  binds: readonly { source: string; target: string; writable?: true }[];
  /** Stands in for the files of the engine. */
  empty_file: string;
}

export function createRequest(parts: ContainerParts): unknown {
  return {
    Image: parts.image_id,
    Entrypoint: [],
    Cmd: parts.command,
    Env: ENVIRONMENT,
    WorkingDir: '/tmp',
    Hostname: 'sandbox',
    User: `${parts.uid}:${parts.gid}`,
    Labels: parts.labels,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    NetworkDisabled: true,
    HostConfig: { ...isolation(parts), ...resources(parts.limits), Mounts: mounts(parts) },
  };
}

function isolation({ runtime, seccomp }: ContainerParts) {
  return {
    Runtime: runtime,
    NetworkMode: 'none',
    IpcMode: 'private',
    CgroupnsMode: 'private',
    Privileged: false,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', `seccomp=${seccomp}`],
    MaskedPaths: MASKED_PATHS,
    ReadonlyPaths: READONLY_PATHS,
    ReadonlyRootfs: true,
    Tmpfs: { '/tmp': `rw,nosuid,nodev,size=${TMP_BYTES_MAX},nr_inodes=${TMP_FILES_MAX},mode=1777` },
    ShmSize: SHM_BYTES_MAX,
    LogConfig: { Type: 'none' },
    RestartPolicy: { Name: 'no' },
    AutoRemove: false, // whether memory ran out is asked after the end
  };
}

function resources(limits: TierLimits) {
  // One second above the tier: the host counts over all processes and is meant to be first.
  const cpu_s = Math.ceil(limits.cpu_ms_max / 1000) + 1;
  return {
    Memory: limits.memory_bytes_max,
    MemorySwap: limits.memory_bytes_max,
    NanoCpus: CPUS * 1e9,
    PidsLimit: limits.processes_max + OWN_PROCESSES,
    OomScoreAdj: OOM_SCORE,
    Ulimits: [
      { Name: 'core', Soft: 0, Hard: 0 },
      { Name: 'cpu', Soft: cpu_s, Hard: cpu_s + 1 },
      { Name: 'nofile', Soft: OPEN_FILES_MAX, Hard: OPEN_FILES_MAX },
      { Name: 'fsize', Soft: 2 * limits.output_bytes_max, Hard: 2 * limits.output_bytes_max },
    ],
  };
}

/** Not as "source:target" texts: a colon in the name of a folder would change their meaning. */
function mounts({ binds, empty_file }: ContainerParts) {
  const files = FILES_OF_THE_ENGINE.map((target) => ({ source: empty_file, target }));
  return [...binds, ...files].map((bind) => ({
    Type: 'bind',
    Source: bind.source,
    Target: bind.target,
    ReadOnly: !('writable' in bind),
    // What the host mounts below a folder later is not the worker's to see.
    BindOptions: { Propagation: 'rprivate' },
  }));
}

function inProc(name: string): string {
  return `/proc/${name}`;
}
