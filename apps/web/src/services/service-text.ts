/** What is said of a service. */
import type { ServiceStatus } from '@hanabi/protocol';
import { formatDate, formatTime, t } from '../i18n/i18n.ts';

/** One line: what it does, and what comes next. */
export function stateLine({ state, next_tick_at, restart_at, last_error }: ServiceStatus): string {
  if (state === 'waiting' && restart_at !== null) return t('services.line.waiting', { at: timeOf(restart_at) });
  if (state === 'failed') return t('services.line.failed', { message: last_error?.message ?? '' });
  if (state === 'running') {
    return next_tick_at === null
      ? t('services.line.starting')
      : t('services.line.running', { at: timeOf(next_tick_at) });
  }
  return t('services.line.stopped');
}

/** The time alone for today, with the day for any other. */
export function timeOf(iso: string): string {
  const date = new Date(iso);
  return date.toDateString() === new Date().toDateString() ? formatTime(date) : formatDate(iso);
}

export function isOn({ state }: ServiceStatus): boolean {
  return state === 'running' || state === 'waiting';
}

/** JSON text, laid out to be read. */
export function readable(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
