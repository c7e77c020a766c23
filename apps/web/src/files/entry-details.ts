/** What stands beside an entry's name. */
import { formatBytes, formatDate, t } from '../i18n/i18n.ts';
import { dateOf, type Entry } from './entries.ts';

export function sizeText(entry: Entry): string {
  return entry.kind === 'file' ? formatBytes(entry.file.size_bytes) : '';
}

/** The folder that it was found in, or that it lay in before it was thrown away. */
export function whereText(entry: Entry): string {
  const names = entry.trashed?.from ?? entry.path?.map((folder) => folder.name) ?? [];
  // The top folder has a name of its own here.
  return [t('files.home'), ...names.slice(1)].join(' › ');
}

/** Everything in one line, where there is no room for columns. */
export function summaryText(entry: Entry): string {
  const place = entry.path || entry.trashed ? whereText(entry) : formatDate(dateOf(entry));
  return [place, sizeText(entry)].filter(Boolean).join(' · ');
}
