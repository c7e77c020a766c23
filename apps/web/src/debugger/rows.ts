/** What the list of the debugger shows: a line for each request with its reply, for each event, and for what happened besides. */
import {
  type Check,
  checkBehind,
  type RecordedEnd,
  type RecordedEvent,
  type RecordedReply,
  type RecordedRequest,
  type RecordedRights,
} from '@hanabi/protocol';

interface RowFacts {
  /** Counts up; the row with the higher one came later. */
  seq: number;
  size_bytes: number;
}

/** A request without a reply waits for one; a reply without a request is what was said about a message nobody could read. */
export interface CallRow extends RowFacts {
  kind: 'call';
  request: RecordedRequest | null;
  reply: RecordedReply | null;
  /** When the reply came, among all that passed. */
  replySeq: number;
}

type OtherEntry = RecordedEvent | RecordedRights | RecordedEnd;
export interface OtherRow extends RowFacts {
  kind: 'other';
  entry: OtherEntry;
}

export type DebuggerRow = CallRow | OtherRow;

export const OUTCOMES = ['waiting', 'answered', 'refused', 'failed', 'event', 'host'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export function outcomeOf(row: DebuggerRow): Outcome {
  if (row.kind === 'other') return row.entry.kind === 'event' ? 'event' : 'host';
  if (!row.reply) return 'waiting';
  if (!row.reply.error) return 'answered';
  return refusedBy(row) ? 'refused' : 'failed';
}

/** Which of the three checks refused. */
export function refusedBy(row: DebuggerRow): Check | undefined {
  const error = row.kind === 'call' ? row.reply?.error : undefined;
  return error && checkBehind(error.code);
}

/** The type of the message; for what is none, what it is. */
export function typeOf(row: DebuggerRow): string {
  if (row.kind === 'call') return (row.request ?? row.reply!).type;
  return 'type' in row.entry ? row.entry.type : row.entry.kind;
}

export function atOf(row: DebuggerRow): number {
  return row.kind === 'call' ? (row.request ?? row.reply!).at_ms : row.entry.at_ms;
}

export function tookOf(row: DebuggerRow): number | null {
  return row.kind === 'call' && row.request && row.reply ? row.reply.at_ms - row.request.at_ms : null;
}

export interface RowFilter {
  /** A type of message; empty: all. */
  type: string;
  outcome: Outcome | 'all';
  /** Looked for in everything that is shown of a row. */
  text: string;
}

export function matches(row: DebuggerRow, { type, outcome, text }: RowFilter): boolean {
  if (type !== '' && typeOf(row) !== type) return false;
  if (outcome !== 'all' && outcomeOf(row) !== outcome) return false;
  const wanted = text.trim().toLowerCase();
  return wanted === '' || textOf(row).includes(wanted);
}

/** Made once for each row that is searched, and anew when its reply has come. */
const texts = new WeakMap<DebuggerRow, { replied: boolean; text: string }>();

function textOf(row: DebuggerRow): string {
  const replied = row.kind === 'call' && row.reply !== null;
  const known = texts.get(row);
  if (known?.replied === replied) return known.text;
  const text = JSON.stringify(row.kind === 'call' ? [row.request, row.reply] : row.entry).toLowerCase();
  texts.set(row, { replied, text });
  return text;
}
