/** What is said of a service. */
import type { ServiceStatus } from '@hanabi/protocol';
import { errorText, t } from '../i18n/i18n.ts';
import { timeOf } from '../i18n/time-of.ts';

/** One line: what it does, and what comes next. */
export function stateLine({ state, next_tick_at, restart_at, last_error }: ServiceStatus): string {
  if (state === 'waiting' && restart_at !== null) return t('services.line.waiting', { at: timeOf(restart_at) });
  if (state === 'failed') return t('services.line.failed', { message: last_error ? errorText(last_error) : '' });
  if (state === 'running') {
    return next_tick_at === null
      ? t('services.line.starting')
      : t('services.line.running', { at: timeOf(next_tick_at) });
  }
  return last_error ? t('services.line.paused', { message: errorText(last_error) }) : t('services.line.stopped');
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
