import { formatDate, formatSeconds } from './i18n.ts';

/** The time alone for today, with the day for any other. */
export function timeOf(iso: string): string {
  const date = new Date(iso);
  return date.toDateString() === new Date().toDateString() ? formatSeconds(date) : formatDate(iso);
}
