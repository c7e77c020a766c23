/**
 * The exact command line of a sandbox. It was tried against a kit of attack workers; removing any part of it let
 * some of them through, so nothing here is decoration.
 */
import { existsSync } from 'node:fs';
import { FRAME_FD_OUT, MIB, type TierLimits } from '@hanabi/protocol';
import type { Tools } from './tools.ts';

/** Descriptors that bubblewrap reads and closes before the worker starts. */
export const SECCOMP_FD = FRAME_FD_OUT + 1;
export const ARGUMENTS_FD = FRAME_FD_OUT + 2;

const TMP_BYTES_MAX = 64 * MIB;
const SHM_BYTES_MAX = 16 * MIB;
const OPEN_FILES_MAX = 256;
const NOBODY = '65534';

/** Where operators keep what is theirs below /usr. */
const HIDDEN_FOLDERS = ['/usr/local', '/usr/src', '/usr/games', '/usr/include'];

/** Links of a merged /usr; a machine lacks some of them. */
const ROOT_LINKS = ['bin', 'lib', 'lib32', 'lib64', 'sbin'];

/** What libraries look up by name: numpy's BLAS is an alternative, the dynamic linker has a cache. */
const SHOWN_FILES_OF_ETC = ['/etc/alternatives', '/etc/ld.so.cache'];

export interface CommandParts {
  tools: Tools;
  limits: TierLimits;
  /** Host user of the slot; undefined: the user we already are, who is not root. */
  uid: number | undefined;
  /** Files that the process joins its cgroup by; none: limits are soft. */
  join_files: readonly string[];
  etc_dir: string;
  runner_dir: string;
  input_dir: string;
}

/**
 * Joins the cgroup first, while there is nothing in it that could use anything up; then limits, then the user of the
 * slot, then bubblewrap. `$1` is the number of files to join, which follow.
 */
const LAUNCH = `
seccomp=$1 cpu_s=$2 file_blocks=$3 open_files=$4 joins=$5; shift 5
while [ "$joins" -gt 0 ]; do echo 0 > "$1" || exit 1; shift; joins=$((joins - 1)); done
ulimit -c 0 && ulimit -S -t "$cpu_s" && ulimit -H -t $((cpu_s + 1)) && ulimit -f "$file_blocks" && ulimit -n "$open_files" || exit 1
exec "$@" ${SECCOMP_FD}< "$seccomp"
`;

export function launchCommand(parts: CommandParts): { file: string; args: string[] } {
  const { tools, limits, uid, join_files } = parts;
  const user = uid === undefined ? [] : ['--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
  const args = [
    ['-c', LAUNCH, 'hanabi-sandbox', tools.seccomp],
    // One second above the tier: the host counts over all processes and is meant to be first.
    [String(Math.ceil(limits.cpu_ms_max / 1000) + 1)],
    [String(Math.ceil((2 * limits.output_bytes_max) / 512)), String(OPEN_FILES_MAX)],
    [String(join_files.length), ...join_files],
    [tools.setpriv, ...user, '--no-new-privs', '--'],
    [tools.bwrap, ...isolation(), ...fileSystem(parts), '--'],
    join_files.length > 0 ? [] : softLimits(tools, limits),
    [tools.python, '-I', '-S', '/runner/hanabi_runner/__main__.py'],
  ];
  return { file: '/bin/sh', args: args.flat() };
}

/** What only the job knows, written to ARGUMENTS_FD: a sandbox waits for it with everything else done. */
export function lateArguments(module_dir: string): string {
  return ['--ro-bind', module_dir, '/module'].join('\0');
}

function isolation(): string[] {
  return [
    ['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup'],
    ['--disable-userns', '--uid', NOBODY, '--gid', NOBODY, '--hostname', 'sandbox'],
    ['--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ['--clearenv', '--setenv', 'PATH', '/usr/bin:/bin', '--setenv', 'HOME', '/tmp', '--setenv', 'LANG', 'C.UTF-8'],
    ['--seccomp', String(SECCOMP_FD)],
  ].flat();
}

function fileSystem({ etc_dir, runner_dir, input_dir }: CommandParts): string[] {
  const hidden = HIDDEN_FOLDERS.filter((folder) => existsSync(folder));
  const links = ROOT_LINKS.filter((name) => existsSync(`/usr/${name}`));
  const shown = SHOWN_FILES_OF_ETC.filter((path) => existsSync(path));
  return [
    ['--ro-bind', '/usr', '/usr'],
    ...hidden.map((folder) => ['--tmpfs', folder, '--remount-ro', folder]),
    ...links.map((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    ['--ro-bind', etc_dir, '/etc'],
    ...shown.map((path) => ['--ro-bind', path, path]),
    ['--proc', '/proc', '--dev', '/dev'],
    ['--perms', '1777', '--size', String(SHM_BYTES_MAX), '--tmpfs', '/dev/shm'],
    // --dev is a writable tmpfs without a bound.
    ['--remount-ro', '/dev'],
    ['--perms', '1777', '--size', String(TMP_BYTES_MAX), '--tmpfs', '/tmp'],
    ['--ro-bind', runner_dir, '/runner/hanabi_runner'],
    ['--ro-bind', input_dir, '/in'],
    ['--args', String(ARGUMENTS_FD)],
    // So is the root that all of this hangs in.
    ['--remount-ro', '/', '--chdir', '/tmp'],
  ].flat();
}

/** Set inside: outside they would count every process of the user that runs the supervisor. */
function softLimits(tools: Tools, limits: TierLimits): string[] {
  return [tools.prlimit, `--as=${limits.memory_bytes_max}`, `--nproc=${limits.processes_max}`, '--'];
}
