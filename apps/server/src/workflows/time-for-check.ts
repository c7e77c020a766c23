import { HanabiError, LIMITS } from '@hanabi/protocol';

/** Throws, when it is called, HANABI-W016 for who has gone meanwhile, and W004 when the time for playing histories is up. */
export function timeForCheck(signal: AbortSignal): () => void {
  const most_ms = LIMITS.workflow_check_ms_max;
  const deadline = performance.now() + most_ms;
  return () => {
    if (signal.aborted) throw new HanabiError('HANABI-W016');
    if (performance.now() > deadline)
      throw new HanabiError('HANABI-W004', `more than ${most_ms / 1000} s for all of it`);
  };
}
