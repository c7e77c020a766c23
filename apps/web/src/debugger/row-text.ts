/** What the list says of a row, in words. */
import { t } from '../i18n/i18n.ts';
import type { IconName } from '../ui/icons.ts';
import { atOf, type DebuggerRow, type Outcome, outcomeOf, refusedBy, tookOf, typeOf } from './rows.ts';

export interface RowLine {
  seq: number;
  at: string;
  took: string;
  type: string;
  outcome: Outcome;
  said: string;
}

export const SIGNS: Readonly<Record<Outcome, IconName>> = {
  waiting: 'clock',
  answered: 'check',
  refused: 'alert',
  failed: 'alert',
  event: 'forward',
  host: 'info',
};

export function lineOf(row: DebuggerRow): RowLine {
  const took = tookOf(row);
  return {
    seq: row.seq,
    at: duration(atOf(row)),
    took: took === null ? '' : duration(took),
    type: typeName(typeOf(row)),
    outcome: outcomeOf(row),
    said: said(row),
  };
}

function duration(ms: number): string {
  return t('debugger.ms', { ms });
}

/** What is no message has a word instead of a type. */
export function typeName(type: string): string {
  return type === 'rights' || type === 'end' ? t(`debugger.type.${type}`) : type;
}

function said(row: DebuggerRow): string {
  if (row.kind === 'call') return callSaid(row.reply?.error, refusedBy(row), row.reply !== null);
  const { entry } = row;
  if (entry.kind === 'event') return t('debugger.line.event');
  if (entry.kind === 'end') {
    return entry.error ? t('debugger.line.stopped', { code: entry.error.code }) : t('debugger.line.closed');
  }
  const { gained, lost } = entry;
  return [
    gained.length > 0 ? t('debugger.line.gained', { permissions: gained.join(', ') }) : '',
    lost.length > 0 ? t('debugger.line.lost', { permissions: lost.join(', ') }) : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function callSaid(
  error: { code: string; permission?: string | undefined } | undefined,
  check: ReturnType<typeof refusedBy>,
  replied: boolean,
): string {
  if (!error) return t(replied ? 'debugger.line.answered' : 'debugger.line.waiting');
  const { code, permission = code } = error;
  if (check === 'scoped') return t('debugger.line.scoped', { code });
  return check ? t(`debugger.line.${check}`, { permission }) : t('debugger.line.failed', { code });
}
