/** What is said of a job. */
import type { UserJob } from '@hanabi/protocol';
import { errorText, formatDate, t } from '../i18n/i18n.ts';

export const isOpen = ({ state }: Pick<UserJob, 'state'>): boolean => state === 'queued' || state === 'running';

export function moduleName({ module_name, module_id }: Pick<UserJob, 'module_name' | 'module_id'>): string {
  return module_name ?? module_id;
}

/** As "3 min 5 s": the two largest units. */
export function durationText(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 1) return t('jobs.duration.moment');
  if (s < 60) return t('jobs.duration.s', { s });
  if (s < 3600) return t('jobs.duration.min', { min: Math.floor(s / 60), s: s % 60 });
  return t('jobs.duration.h', { h: Math.floor(s / 3600), min: Math.floor((s % 3600) / 60) });
}

/** Of a time that was chosen and not measured: "5 min" rather than "5 min 0 s". */
export function intervalText(seconds: number): string {
  if (seconds % 3600 === 0) return t('jobs.duration.wholeH', { h: seconds / 3600 });
  if (seconds < 3600 && seconds % 60 === 0) return t('jobs.duration.wholeMin', { min: seconds / 60 });
  return durationText(seconds * 1000);
}

/** How long it has run, or ran; null for one that never did. */
export function runTime({ started_at, finished_at }: UserJob, now_ms: number): string | null {
  if (started_at === null) return null;
  const end_ms = finished_at === null ? now_ms : Date.parse(finished_at);
  return durationText(end_ms - Date.parse(started_at));
}

/** One line: how far it is, or how it ended. */
export function stateLine(job: UserJob, pct: number, now_ms: number): string {
  switch (job.state) {
    case 'queued':
      return t('jobs.line.queued', { position: job.queue_position ?? 1 });
    case 'running':
      return t('jobs.line.running', { pct: Math.round(pct), time: runTime(job, now_ms) ?? '' });
    case 'completed':
      return t('jobs.line.completed', { count: job.outputs.length, time: runTime(job, now_ms) ?? '' });
    case 'failed':
      return t('jobs.line.failed', { message: job.error ? errorText(job.error) : '' });
    default:
      return t('jobs.line.cancelled');
  }
}

/** When it ended, or since when it is there. */
export function whenText(job: UserJob): string {
  return formatDate(job.finished_at ?? job.started_at ?? job.created_at);
}
