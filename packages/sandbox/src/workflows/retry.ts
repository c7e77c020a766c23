import { LIMITS } from '@hanabi/protocol';
import type { Failure, Fields, RetryPolicy } from './wire.ts';
import { milliseconds } from './wire.ts';

const INITIAL_INTERVAL_MS = 1000;
const BACKOFF_COEFFICIENT = 2;
/** The longest pause is this many times the first, where the policy does not say. */
const MAXIMUM_INTERVALS = 100;

export type RetryVerdict =
  | { readonly again: true; readonly delay_ms: number }
  | { readonly again: false; readonly state: string };

export interface FailedAttempt {
  /** 1 for the first. */
  readonly attempt: number;
  readonly failure: Failure;
  /** What is left of its schedule-to-close time-out, if it has one. */
  readonly left_ms: number | undefined;
}

/** Whether an attempt that failed is followed by another, and after how long. */
export function retryVerdict(policy: RetryPolicy, { attempt, failure, left_ms }: FailedAttempt): RetryVerdict {
  const info = failure.applicationFailureInfo;
  const late = failure['timeoutFailureInfo'] as Fields | undefined;
  // Nobody came who could begin with it: another attempt would wait in the same line.
  const isOfNoAttempt = late?.['timeoutType'] === 'TIMEOUT_TYPE_SCHEDULE_TO_START';
  if (isOfNoAttempt || info?.nonRetryable || (info?.type && policy.nonRetryableErrorTypes?.includes(info.type))) {
    return { again: false, state: 'RETRY_STATE_NON_RETRYABLE_FAILURE' };
  }
  const attempts_max = policy.maximumAttempts ?? 0;
  if (attempts_max > 0 && attempt >= attempts_max) {
    return { again: false, state: 'RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED' };
  }
  // Nothing is as good as left out, as Temporal has it.
  const initial_ms = milliseconds(policy.initialInterval) || INITIAL_INTERVAL_MS;
  const maximum_ms = milliseconds(policy.maximumInterval) || initial_ms * MAXIMUM_INTERVALS;
  const grown_ms = initial_ms * (policy.backoffCoefficient || BACKOFF_COEFFICIENT) ** (attempt - 1);
  const delay_ms = milliseconds(info?.nextRetryDelay) ?? Math.min(grown_ms, maximum_ms, LIMITS.workflow_wait_ms_max);
  if (left_ms !== undefined && delay_ms >= left_ms) return { again: false, state: 'RETRY_STATE_TIMEOUT' };
  return { again: true, delay_ms };
}
