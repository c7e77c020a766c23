/**
 * What a worker's file system consists of, as data: bubblewrap's command line and the fork server both follow this
 * one table, so that neither can show a worker what the other hides.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MIB } from '@hanabi/protocol';
import { coveredFiles, type NativeTools, SHOWN_TO_NATIVE } from './native-tools.ts';

const TMP_BYTES_MAX = 64 * MIB;
const SHM_BYTES_MAX = 16 * MIB;

/** Where operators keep what is theirs below /usr. */
const HIDDEN_FOLDERS = ['/usr/local', '/usr/src', '/usr/games', '/usr/include'];

/** Links of a merged /usr; a machine lacks some of them. */
const ROOT_LINKS = ['bin', 'lib', 'lib32', 'lib64', 'sbin'];

/** What libraries look up by name: numpy's BLAS is an alternative, the dynamic linker has a cache. */
const SHOWN_FILES_OF_ETC = ['/etc/alternatives', '/etc/ld.so.cache'];

/** How the host was started; its disks and the secrets of a careless operator stand in there. */
const HIDDEN_FILES_OF_PROC = ['/proc/cmdline'];

/** Where the package comes to lie, as the last mount of all. */
export const MODULE_TARGET = '/module';

/** Where a job imports the libraries of its lock from. */
export const LAYER_TARGET = '/deps';

export type MountStep =
  /** A file or folder of the host, read-only unless it says otherwise. */
  | { kind: 'bind'; source: string; target: string; writable?: true }
  | { kind: 'tmpfs'; target: string; mode: string; size_bytes: number }
  /** An empty folder that stays so: what the host has there is not the worker's to see. */
  | { kind: 'hide'; target: string }
  | { kind: 'symlink'; to: string; target: string }
  | { kind: 'proc'; target: string }
  /** The harmless devices and a terminal file system. A writable tmpfs without a bound: to be sealed. */
  | { kind: 'dev'; target: string }
  /** From here on read-only. */
  | { kind: 'seal'; target: string };

/** Folders that every sandbox of one kind shares. */
export interface SharedFolders {
  etc_dir: string;
  runner_dir: string;
  /** Granted, and where they are; undefined: the worker sees none. */
  native?: NativeTools | undefined;
}

/** The same for every job: all of it read-only, so nothing passes through it from one job to another. */
export function sharedMounts({ etc_dir, runner_dir, native }: SharedFolders): MountStep[] {
  const root = native?.root ?? '';
  const hidden = HIDDEN_FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const links = ROOT_LINKS.filter((name) => existsSync(join(root, '/usr', name)));
  const shown = [...SHOWN_FILES_OF_ETC, ...(native ? SHOWN_TO_NATIVE : [])].filter((path) =>
    existsSync(join(root, path)),
  );
  const covered = native ? [] : coveredFiles();
  return [
    { kind: 'bind', source: `${root}/usr`, target: '/usr' },
    ...covered.map((target): MountStep => ({ kind: 'bind', source: '/dev/null', target })),
    ...hidden.map((target): MountStep => ({ kind: 'hide', target })),
    ...links.map((name): MountStep => ({ kind: 'symlink', to: `usr/${name}`, target: `/${name}` })),
    { kind: 'bind', source: etc_dir, target: '/etc' },
    ...shown.map((path): MountStep => ({ kind: 'bind', source: `${root}${path}`, target: path })),
    { kind: 'dev', target: '/dev' },
    { kind: 'seal', target: '/dev' },
    { kind: 'bind', source: runner_dir, target: '/runner/hanabi_runner' },
  ];
}

/** Folders of one slot. */
export interface SlotFolders {
  input_dir: string;
  /** None: nothing can be left for the host. */
  output_dir?: string | undefined;
}

/** A job's own. Every one of them hides or fills a folder of the shared tree. */
export function ownMounts({ input_dir, output_dir }: SlotFolders): MountStep[] {
  return [
    { kind: 'proc', target: '/proc' },
    ...HIDDEN_FILES_OF_PROC.map((target): MountStep => ({ kind: 'bind', source: '/dev/null', target })),
    { kind: 'tmpfs', target: '/dev/shm', mode: '1777', size_bytes: SHM_BYTES_MAX },
    { kind: 'tmpfs', target: '/tmp', mode: '1777', size_bytes: TMP_BYTES_MAX },
    { kind: 'bind', source: input_dir, target: '/in' },
    ...(output_dir === undefined
      ? []
      : [{ kind: 'bind', source: output_dir, target: '/out', writable: true } as const]),
  ];
}

/** What only a job's module knows. */
export function packageMounts(module_dir: string, layer_dir: string | undefined): MountStep[] {
  const layer: MountStep[] = layer_dir === undefined ? [] : [{ kind: 'bind', source: layer_dir, target: LAYER_TARGET }];
  return [...layer, { kind: 'bind', source: module_dir, target: MODULE_TARGET }];
}

/** As bubblewrap is told, below `root`: '' for the root itself. */
export function bubblewrapArguments(steps: readonly MountStep[], root = ''): string[] {
  return steps.flatMap((step) => {
    const target = `${root}${step.target}`;
    switch (step.kind) {
      case 'bind':
        return [step.writable ? '--bind' : '--ro-bind', step.source, target];
      case 'tmpfs':
        return ['--perms', step.mode, '--size', String(step.size_bytes), '--tmpfs', target];
      case 'hide':
        return ['--tmpfs', target, '--remount-ro', target];
      case 'symlink':
        return ['--symlink', step.to, target];
      case 'seal':
        return ['--remount-ro', target];
      default:
        return [`--${step.kind}`, target];
    }
  });
}
