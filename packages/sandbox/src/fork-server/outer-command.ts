/**
 * The bubblewrap that a fork server lives in, outside those of the jobs: it sees what every job sees, the folders that
 * jobs get something from, and the tree that its clones make their root of.
 */
import {
  bubblewrapArguments,
  LAYER_TARGET,
  MODULE_TARGET,
  type MountStep,
  ownMounts,
  sharedMounts,
} from '../bubblewrap/mounts.ts';
import type { SharedFolders } from '../bubblewrap/mounts.ts';
import type { Tools } from '../bubblewrap/tools.ts';

/** What python/hanabi_fork_server/ calls the same. */
const TEMPLATE = '/template';
export const SLOTS = '/slots';
/** Output folders that are file systems of their own; below it what was mounted later shows, too. */
export const SIZED_OUTPUTS = '/slots-outputs';
export const PACKAGES = '/packages';

export interface ForkServerFolders extends SharedFolders {
  /** Copy of python/hanabi_fork_server. */
  code_dir: string;
  seccomp: string;
  slots_dir: string;
  outputs_dir: string;
  packages_dir: string;
  /** Libraries that all of its jobs import from; one server has one such set or none. */
  layer_dir: string | undefined;
}

export interface OuterParts {
  tools: Tools;
  folders: ForkServerFolders;
  /** Host user of the server itself. */
  uid: number;
  info_fd: number;
  block_fd: number;
  settings: unknown;
}

export function outerCommand({ tools, folders, uid, info_fd, block_fd, settings }: OuterParts): {
  file: string;
  args: string[];
} {
  const user = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups', '--no-new-privs', '--'];
  const isolation = [
    ['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup'],
    // The users of the slots are mapped by us, who may.
    ['--userns-block-fd', String(block_fd), '--info-fd', String(info_fd), '--as-pid-1'],
    ['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID'],
    ['--clearenv', '--setenv', 'PATH', '/usr/bin:/bin', '--setenv', 'HOME', '/tmp', '--setenv', 'LANG', 'C.UTF-8'],
  ].flat();
  const program = [tools.python, '-I', '-S', '/fork_server/hanabi_fork_server/__main__.py', JSON.stringify(settings)];
  return { file: tools.setpriv, args: [...user, tools.bwrap, ...isolation, ...fileSystem(folders), '--', ...program] };
}

/** Mounted by each clone while it waits: what is no folder of a slot. */
export function earlyMounts(): MountStep[] {
  return [...ownMounts(NO_SLOT).filter((step) => !isOfSlot(step)), SETTINGS];
}

/** Mounted once the job is known. */
export function slotMounts(input_dir: string, output_dir: string): MountStep[] {
  return ownMounts({ input_dir, output_dir }).filter(isOfSlot);
}

/**
 * The settings of its own namespaces are a worker's to change otherwise. bubblewrap itself could only take the host's,
 * with whatever the host has mounted below.
 */
const SETTINGS: MountStep = { kind: 'bind', source: '/proc/sys', target: '/proc/sys' };

const NO_SLOT = { input_dir: SLOTS, output_dir: SLOTS };

function isOfSlot(step: MountStep): boolean {
  return step.kind === 'bind' && step.source.startsWith(SLOTS);
}

function fileSystem(folders: ForkServerFolders): string[] {
  const { layer_dir, slots_dir, outputs_dir, packages_dir, code_dir, seccomp } = folders;
  const shared = sharedMounts(folders);
  const layer: MountStep[] = layer_dir === undefined ? [] : [{ kind: 'bind', source: layer_dir, target: LAYER_TARGET }];
  const ownPlaces = [...ownMounts(NO_SLOT).map(({ target }) => target), MODULE_TARGET];
  return [
    ...bubblewrapArguments([...shared, { kind: 'proc', target: '/proc' }]),
    '--tmpfs',
    TEMPLATE,
    // bubblewrap closes folders that it has to make for a mount, and activities import from below this one.
    '--perms',
    '755',
    '--dir',
    `${TEMPLATE}/runner`,
    ...bubblewrapArguments([...shared, ...layer], TEMPLATE),
    // Below /dev and /proc they are there, or come with what is mounted before them.
    ...ownPlaces.flatMap((place) => (/^\/(dev|proc)\//.test(place) ? [] : ['--dir', `${TEMPLATE}${place}`])),
    ['--remount-ro', TEMPLATE],
    ['--bind', slots_dir, SLOTS, '--bind', outputs_dir, SIZED_OUTPUTS, '--ro-bind', packages_dir, PACKAGES],
    ['--ro-bind', code_dir, '/fork_server/hanabi_fork_server', '--ro-bind', seccomp, '/seccomp.bpf'],
    ['--remount-ro', '/', '--chdir', '/'],
  ].flat();
}
