/** Writes down what passes the bridge of one window, as much of it as fits; the oldest goes first. */
import {
  type ErrorBody,
  type HanabiError,
  type Launch,
  LIMITS,
  type Permission,
  type RecordedReply,
  type Recording,
  RECORDING_FORMAT,
  RECORDING_SCHEMA,
  type RecordingEntry,
  type RequestEnvelope,
} from '@hanabi/protocol';
import type { BridgeTap } from '../bridge/bridge-tap.ts';
import { type Kept, keepFields, keepValue, namesSecret } from './kept-value.ts';
import type { CallRow, DebuggerRow, OtherRow } from './rows.ts';
import { withoutSecrets } from './secrets.ts';

/** So many go at once, so that not each new row moves all others. */
const DROPPED_AT_ONCE = 100;

export class Recorder implements BridgeTap {
  /** As of the last frame. */
  rows = $state.raw<readonly DebuggerRow[]>([]);
  dropped = $state(0);
  launch = $state.raw<Launch | null>(null);
  readonly #rows: DebuggerRow[] = [];
  #startedAt = new Date();
  #start_ms = 0;
  #seq = 0;
  #size_bytes = 0;
  #granted: ReadonlySet<Permission> = new Set();
  /** Requests without a reply, by rid. */
  readonly #open = new Map<string, { row: CallRow; passedOn: boolean; secret: boolean }>();
  readonly #hashes = new Set<Promise<unknown>>();
  #telling = false;

  begins(launch: Launch): void {
    this.#rows.length = 0;
    this.#open.clear();
    this.#size_bytes = 0;
    this.#seq = 0;
    this.dropped = 0;
    this.launch = launch;
    this.#granted = new Set(launch.context.permissions);
    this.#startedAt = new Date();
    this.#start_ms = performance.now();
    this.#tell();
  }

  received({ type, rid, payload }: RequestEnvelope): void {
    const kept = this.#awaited(keepFields(payload));
    const request = { kind: 'request', at_ms: this.#now(), type, rid, payload: kept.value } as const;
    const row: CallRow = {
      kind: 'call',
      seq: this.#next(),
      size_bytes: kept.size_bytes,
      request,
      reply: null,
      replySeq: 0,
    };
    this.#open.set(rid, { row, passedOn: false, secret: namesSecret(payload) });
    this.#add(row);
  }

  unreadable(error: ErrorBody): void {
    const reply = this.#reply('HANABI_UNKNOWN', null, 'desktop', { error });
    const seq = this.#next();
    this.#add({ kind: 'call', seq, size_bytes: 0, request: null, reply, replySeq: seq });
  }

  passedOn(rid: string): void {
    const open = this.#open.get(rid);
    if (open) open.passedOn = true;
  }

  sent(message: Readonly<Record<string, unknown>>): void {
    const { type, rid, ok, data, error, ...payload } = message;
    if (ok === undefined) {
      const kept = this.#awaited(keepFields(payload));
      const facts = { type: String(type), rid: typeof rid === 'string' ? rid : null, payload: kept.value };
      this.#addOther({ kind: 'event', at_ms: this.#now(), ...facts }, kept.size_bytes);
      return;
    }
    const open = this.#open.get(String(rid));
    if (!open) return;
    this.#open.delete(String(rid));
    const { row, passedOn, secret } = open;
    const kept = ok ? this.#awaited(keepValue(data, secret)) : null;
    const end = kept ? { data: kept.value } : { error: error as ErrorBody };
    row.reply = this.#reply(row.request!.type, String(rid), passedOn ? 'server' : 'desktop', end);
    row.replySeq = this.#next();
    this.#grow(row, kept?.size_bytes ?? 0);
  }

  rightsChanged(granted: ReadonlySet<Permission>): void {
    const gained = [...granted].filter((name) => !this.#granted.has(name));
    const lost = [...this.#granted].filter((name) => !granted.has(name));
    this.#granted = granted;
    if (gained.length + lost.length > 0) this.#addOther({ kind: 'rights', at_ms: this.#now(), gained, lost });
  }

  ended(error: HanabiError | null): void {
    this.#addOther({ kind: 'end', at_ms: this.#now(), error: error?.toBody() ?? null });
  }

  clear(): void {
    this.dropped += this.#rows.length;
    this.#rows.length = 0;
    this.#open.clear();
    this.#size_bytes = 0;
    this.#tell();
  }

  /** As a file; waits for the hashes that are still being computed. */
  async recording(): Promise<Recording> {
    await Promise.all(this.#hashes);
    const { context, declared } = this.launch!;
    const { id, name, version } = context;
    return {
      $schema: RECORDING_SCHEMA,
      format: RECORDING_FORMAT,
      recorded_at: this.#startedAt.toISOString(),
      module: { id, name, version, declared },
      dropped: this.dropped,
      entries: this.#rows
        .flatMap(entriesOf)
        .sort((a, b) => a.seq - b.seq)
        .map(({ entry }) => entry),
    };
  }

  #reply(
    type: string,
    rid: string | null,
    by: RecordedReply['by'],
    end: Pick<RecordedReply, 'data'> | { error: ErrorBody },
  ): RecordedReply {
    const facts = { kind: 'reply', at_ms: this.#now(), type, rid, by } as const;
    if (!('error' in end)) return { ...facts, ...end };
    const { message, log } = end.error;
    const texts = { message: withoutSecrets(message), ...(log !== undefined && { log: withoutSecrets(log) }) };
    return { ...facts, error: { ...end.error, ...texts } };
  }

  #addOther(entry: OtherRow['entry'], size_bytes = 0): void {
    this.#add({ kind: 'other', seq: this.#next(), size_bytes, entry });
  }

  #add(row: DebuggerRow): void {
    this.#rows.push(row);
    this.#size_bytes += row.size_bytes;
    this.#makeRoom();
    this.#tell();
  }

  #grow(row: DebuggerRow, size_bytes: number): void {
    row.size_bytes += size_bytes;
    this.#size_bytes += size_bytes;
    this.#makeRoom();
    this.#tell();
  }

  #makeRoom(): void {
    const { debugger_rows_max: rows_max, debugger_recording_bytes_max: bytes_max } = LIMITS;
    while (this.#rows.length > rows_max || (this.#size_bytes > bytes_max && this.#rows.length > 1)) {
      for (const row of this.#rows.splice(0, Math.min(DROPPED_AT_ONCE, this.#rows.length - 1))) {
        this.#size_bytes -= row.size_bytes;
        this.dropped += 1;
        if (row.kind === 'call' && row.request) this.#open.delete(row.request.rid);
      }
    }
  }

  #awaited<K extends Kept>(kept: K): K {
    const { hashed } = kept;
    if (hashed) {
      this.#hashes.add(hashed);
      void hashed.then(() => {
        this.#hashes.delete(hashed);
        this.#tell();
      });
    }
    return kept;
  }

  #next(): number {
    this.#seq += 1;
    return this.#seq;
  }

  #now(): number {
    return Math.round((performance.now() - this.#start_ms) * 10) / 10;
  }

  /** At most once a frame: a busy module sends thousands of messages in a second. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    requestAnimationFrame(() => {
      this.#telling = false;
      this.rows = [...this.#rows];
    });
  }
}

function entriesOf(row: DebuggerRow): { seq: number; entry: RecordingEntry }[] {
  if (row.kind === 'other') return [{ seq: row.seq, entry: row.entry }];
  const { request, reply, seq, replySeq } = row;
  return [...(request ? [{ seq, entry: request }] : []), ...(reply ? [{ seq: replySeq, entry: reply }] : [])];
}
