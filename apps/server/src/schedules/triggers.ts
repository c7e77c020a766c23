/** When a schedule fires next. Times are in ms since 1970. */
import { HanabiError, LIMITS, type Trigger } from '@hanabi/protocol';
import { Cron } from 'croner';

/** So many runs of a cron expression are looked at for their distance; "every minute on Mondays" has close ones late. */
const RUNS_LOOKED_AT = 100;

/** HANABI-V002 for what never fires or cannot be read, HANABI-Q013 for what fires too often. */
export function checkTrigger(trigger: Trigger, now_ms: number): void {
  const closest_ms = 'seconds' in trigger ? trigger.seconds * 1000 : closestRuns(trigger, now_ms);
  if (closest_ms >= LIMITS.schedule_interval_ms_min) return;
  throw new HanabiError('HANABI-Q013', `at least ${LIMITS.schedule_interval_ms_min / 1000} s between two runs`);
}

/** The first time after now; an interval keeps its step from when it was due. Null: never again. */
export function nextRun(trigger: Trigger, now_ms: number, due_ms: number = now_ms): number | null {
  if (!('seconds' in trigger)) return readCron(trigger).nextRun(new Date(now_ms))?.getTime() ?? null;
  const step_ms = trigger.seconds * 1000;
  return due_ms + Math.max(1, Math.floor((now_ms - due_ms) / step_ms) + 1) * step_ms;
}

function closestRuns(trigger: Exclude<Trigger, { seconds: number }>, now_ms: number): number {
  const runs = readCron(trigger).nextRuns(RUNS_LOOKED_AT, new Date(now_ms));
  if (runs.length === 0) throw new HanabiError('HANABI-V002', `"${trigger.cron}" never comes`);
  let closest_ms = Number.POSITIVE_INFINITY;
  for (const [index, run] of runs.slice(1).entries()) {
    closest_ms = Math.min(closest_ms, run.getTime() - runs[index]!.getTime());
  }
  return closest_ms;
}

/** Without a function to call it starts no timer: only the calendar of it is used. */
function readCron({ cron, timeZone = 'UTC' }: Exclude<Trigger, { seconds: number }>): Cron {
  try {
    const read = new Cron(cron, { timezone: timeZone, paused: true });
    read.nextRun(new Date(0));
    return read;
  } catch (cause) {
    const detail = /timezone/i.test((cause as Error).message)
      ? `"${timeZone}" is not a time zone`
      : `"${cron}" is not a cron expression`;
    throw new HanabiError('HANABI-V002', detail, { cause });
  }
}
