/**
 * What runs as the first process of a container. The engine tells that a container has ended some 20 ms late and takes
 * the counters of its cgroup away with it. So a shell waits for the worker, notes its exit status at the end of both
 * streams, and stays until the host has read all it wants. The mark before the status is known to the worker, who may
 * write it: then its own frames or its own log end there.
 *
 * The worker finds its descriptors as everywhere: frames on 3 and 4, nothing to read on 0, the log behind 1 and 2.
 * What the shell itself has to say ("Segmentation fault") is nobody's business.
 */
import { FRAME_FD_IN, FRAME_FD_OUT } from '@hanabi/protocol';

const LOG_FD = FRAME_FD_OUT + 1;

const SCRIPT = `
mark=$1; shift
unset HOSTNAME
exec ${FRAME_FD_IN}<&0 ${FRAME_FD_OUT}>&1 ${LOG_FD}>&2 </dev/null >/dev/null 2>&1
(exec "$@" >&${LOG_FD} 2>&${LOG_FD} ${LOG_FD}>&-)
note=$mark$(printf %03d $?)
printf %s "$note" >&${FRAME_FD_OUT}
printf %s "$note" >&${LOG_FD}
read -r _ <&${FRAME_FD_IN}
`;

const RUNNER = ['/usr/bin/python3', '-I', '-S', '/runner/hanabi_runner/__main__.py'];

export function firstProcess(mark: string): string[] {
  return ['/bin/sh', '-c', SCRIPT, 'hanabi-sandbox', mark, ...RUNNER];
}
