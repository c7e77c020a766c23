/**
 * When a workflow with a cron schedule comes again. As Temporal has it: five fields, "@daily" and the like, "@every 90m", and
 * `CRON_TZ=Europe/Paris` before it for another time zone than UTC. Times are in ms since 1970.
 */
import { LIMITS } from '@hanabi/protocol';
import { Cron } from 'croner';
import { EngineError } from './engine-error.ts';
import type { RunEnd } from './run-end.ts';
import { inherited, type StartRequest } from './start-events.ts';
import { type Fields, wireTime } from './wire.ts';

const UNITS_MS = { h: 3600_000, m: 60_000, s: 1000 } as const;

/** The first time after that one. EngineError INVALID_ARGUMENT for what is no schedule, or never comes. */
export function nextCronRun(schedule: string, after_ms: number): number {
  const every_ms = intervalOf(schedule);
  const next_ms = every_ms === undefined ? nextOf(schedule, after_ms) : after_ms + every_ms;
  if (next_ms === undefined)
    throw new EngineError('INVALID_ARGUMENT', `"${schedule}" is no cron schedule, or never comes`);
  return next_ms;
}

/** For a cluster, which waits no longer than it says between two runs. EngineError INVALID_ARGUMENT for what is no schedule, or comes more often than it may. */
export function requireCalm(schedule: string | undefined): void {
  if (!schedule) return;
  nextCronRun(schedule, 0);
  const least_ms = LIMITS.schedule_interval_ms_min;
  if ((intervalOf(schedule) ?? Infinity) < least_ms) {
    throw new EngineError('INVALID_ARGUMENT', `"${schedule}" comes more often than every ${least_ms / 1000} s`);
  }
}

/** How long the first run of what has a cron schedule is put off. */
export function startDelay({ delay_ms, options }: StartRequest, now_ms: number): number {
  const schedule = options?.['cronSchedule'] as string | undefined;
  return delay_ms ?? (schedule ? nextCronRun(schedule, now_ms) - now_ms : 0);
}

/** The next run of one with this first event, which has ended so; undefined: there is none. */
export function cronRequest(started: Fields, end: RunEnd, after_ms: number, now_ms: number): StartRequest | undefined {
  const { cronSchedule, input, workflowId, workflowType, taskQueue } = started;
  if (!cronSchedule || !COMES_AGAIN.has(end.status)) return undefined;
  const delay_ms = nextCronRun(cronSchedule, after_ms) - now_ms;
  const options = {
    ...inherited(started),
    attempt: 1,
    firstWorkflowTaskBackoff: wireTime(delay_ms),
    ...(end.result ? { lastCompletionResult: { payloads: [end.result] } } : {}),
    ...(end.failure ? { continuedFailure: end.failure } : {}),
  };
  return { workflowId, workflowType: workflowType.name, taskQueue: taskQueue.name, input, delay_ms, options };
}

/** Whoever cancels or terminates one means all that would come. */
const COMES_AGAIN: ReadonlySet<RunEnd['status']> = new Set(['COMPLETED', 'FAILED', 'TIMED_OUT']);

function intervalOf(schedule: string): number | undefined {
  const parts = /^@every\s+((?:\d+(?:\.\d+)?[hms])+)$/.exec(schedule.trim())?.[1];
  if (parts === undefined) return undefined;
  let sum_ms = 0;
  for (const [, count, unit] of parts.matchAll(/(\d+(?:\.\d+)?)([hms])/g)) {
    sum_ms += Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  }
  return sum_ms >= UNITS_MS.s ? sum_ms : undefined;
}

/** Without a function to call it starts no timer: only the calendar of it is used. */
function nextOf(schedule: string, after_ms: number): number | undefined {
  const [, timezone = 'UTC', cron = ''] = /^(?:(?:CRON_TZ|TZ)=(\S+)\s+)?(.*)$/s.exec(schedule.trim()) ?? [];
  // Six fields would be seconds, which Temporal does not have.
  if (!cron.startsWith('@') && cron.split(/\s+/).length !== 5) return undefined;
  try {
    return new Cron(cron, { timezone, paused: true }).nextRun(new Date(after_ms))?.getTime();
  } catch {
    return undefined;
  }
}
