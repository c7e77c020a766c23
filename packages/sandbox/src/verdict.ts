/** Which code a failed job gets. */
import { constants } from 'node:os';
import { type FAILURE_REASONS, HanabiError, type ErrorCode, type TierLimits } from '@hanabi/protocol';
import type { BoxExit } from './box.ts';

const DETAIL_CHARS_MAX = 300;

const CODE_OF_REASON: Record<(typeof FAILURE_REASONS)[number], ErrorCode> = {
  load: 'HANABI-W013',
  no_run: 'HANABI-W012',
  exception: 'HANABI-W008',
  bad_return: 'HANABI-W010',
  memory: 'HANABI-W003',
};

/** What the runner reported. */
export function failureOf(reason: keyof typeof CODE_OF_REASON, message: string): HanabiError {
  const detail = message.slice(0, DETAIL_CHARS_MAX).toWellFormed().trim();
  return new HanabiError(CODE_OF_REASON[reason], detail);
}

/** The channel closed before a result. bubblewrap hands the exit status on as a shell would. */
export function endedWithoutResult(exit: BoxExit | undefined, cpu_ms: number | null, limits: TierLimits): HanabiError {
  const status = exit?.code ?? null;
  const signal = status !== null && status > 128 ? status - 128 : 0;
  if (signal === constants.signals.SIGXCPU || (cpu_ms !== null && cpu_ms >= limits.cpu_ms_max)) {
    return new HanabiError('HANABI-W005');
  }
  if (!exit) return new HanabiError('HANABI-W009', 'it closed its channel');
  if (status === null || signal === constants.signals.SIGKILL) return new HanabiError('HANABI-W009', 'it was killed');
  return new HanabiError('HANABI-W009', signal > 0 ? `ended by signal ${signal}` : `exit code ${status}`);
}
