/**
 * The exact command line of a sandbox. It was tried against a kit of attack workers; removing any part of it let
 * some of them through, so nothing here is decoration.
 */
import { FRAME_FD_OUT, type TierLimits } from '@hanabi/protocol';
import {
  bubblewrapArguments,
  ownMounts,
  packageMounts,
  type SharedFolders,
  sharedMounts,
  type SlotFolders,
} from './mounts.ts';
import { OOM_SCORE, resourceLimits } from './resource-limits.ts';
import type { Tools } from './tools.ts';

/** Descriptors that bubblewrap reads and closes before the worker starts. */
export const SECCOMP_FD = FRAME_FD_OUT + 1;
export const ARGUMENTS_FD = FRAME_FD_OUT + 2;

const NOBODY = '65534';

export interface CommandParts extends SharedFolders, SlotFolders {
  tools: Tools;
  limits: TierLimits;
  /** Host user of the slot; undefined: the user we already are, who is not root. */
  uid: number | undefined;
  /** Files that the process joins its cgroup by; none: limits are soft. */
  join_files: readonly string[];
}

/**
 * Joins the cgroup first, while there is nothing in it that could use anything up; then limits, then the user of the
 * slot, then bubblewrap. What root has raised of the score only root can lower. `$1` is the number of files to join,
 * which follow.
 */
const LAUNCH = `
seccomp=$1 cpu_s=$2 file_blocks=$3 open_files=$4 joins=$5; shift 5
while [ "$joins" -gt 0 ]; do echo 0 > "$1" || exit 1; shift; joins=$((joins - 1)); done
echo ${OOM_SCORE} > /proc/self/oom_score_adj
ulimit -c 0 && ulimit -S -t "$cpu_s" && ulimit -H -t $((cpu_s + 1)) && ulimit -f "$file_blocks" && ulimit -n "$open_files" || exit 1
exec "$@" ${SECCOMP_FD}< "$seccomp"
`;

export function launchCommand(parts: CommandParts): { file: string; args: string[] } {
  const { tools, limits, join_files } = parts;
  const soft = join_files.length > 0 ? [] : softLimits(tools, limits);
  const program = [...soft, tools.python, '-I', '-S', '/runner/hanabi_runner/__main__.py'];
  return launch(parts, 2 * limits.output_bytes_max, fileSystem(parts), program);
}

/** Any program in such a sandbox. */
export function launch(
  { tools, limits, uid, join_files }: Pick<CommandParts, 'tools' | 'limits' | 'uid' | 'join_files'>,
  file_bytes_max: number,
  mounts: readonly string[],
  program: readonly string[],
): { file: string; args: string[] } {
  const { CPU, FSIZE, NOFILE } = resourceLimits(limits, file_bytes_max);
  const user = uid === undefined ? [] : ['--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
  const args = [
    ['-c', LAUNCH, 'hanabi-sandbox', tools.seccomp],
    [String(CPU[0]), String(Math.ceil(FSIZE[0] / 512)), String(NOFILE[0])],
    [String(join_files.length), ...join_files],
    [tools.setpriv, ...user, '--no-new-privs', '--'],
    [tools.bwrap, ...isolation(), ...mounts, '--', ...program],
  ];
  return { file: '/bin/sh', args: args.flat() };
}

/** What only the job knows, written to ARGUMENTS_FD: a sandbox waits for it with everything else done. */
export function lateArguments(module_dir: string, layer_dir: string | undefined): string {
  return bubblewrapArguments(packageMounts(module_dir, layer_dir)).join('\0');
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

function fileSystem(parts: CommandParts): string[] {
  return [
    ...bubblewrapArguments([...sharedMounts(parts), ...ownMounts(parts)]),
    ['--args', String(ARGUMENTS_FD)],
    // A tmpfs without a bound holds all of this.
    ['--remount-ro', '/', '--chdir', '/tmp'],
  ].flat();
}

/** Set inside: outside they would count every process of the user that runs the supervisor. */
export function softLimits(tools: Tools, limits: TierLimits): string[] {
  return [tools.prlimit, `--as=${limits.memory_bytes_max}`, `--nproc=${limits.processes_max}`, '--'];
}
