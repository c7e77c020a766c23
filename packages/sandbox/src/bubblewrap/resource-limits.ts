import type { TierLimits } from '@hanabi/protocol';

const OPEN_FILES_MAX = 256;

/** Where memory runs out for the whole machine, workers go before anything else. */
export const OOM_SCORE = 500;

/** Soft and hard limits of each process of a job, as setrlimit has them, whichever backend starts it. */
export function resourceLimits(limits: Pick<TierLimits, 'cpu_ms_max'>, file_bytes_max: number) {
  // One second above the tier: the host counts over all processes and is meant to be first.
  const cpu_s = Math.ceil(limits.cpu_ms_max / 1000) + 1;
  return {
    CORE: [0, 0],
    CPU: [cpu_s, cpu_s + 1],
    FSIZE: [file_bytes_max, file_bytes_max],
    NOFILE: [OPEN_FILES_MAX, OPEN_FILES_MAX],
  } as const;
}
