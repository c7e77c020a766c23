/** Histories of runs in the database: events that only grow, and the inbox of what is to come into them. */
import { LIMITS } from '@hanabi/protocol';
import { EngineError, type HistoryEvent, type NewEvent } from '@hanabi/sandbox';
import { type Selectable, sql } from 'kysely';
import type { Change, Reader } from '../storage/rows.ts';
import type { Tables } from '../storage/schema.ts';

export type RunRow = Selectable<Tables['workflow_runs']>;

/** A row of a history, or of the inbox. */
type EventRow = Pick<Selectable<Tables['workflow_events']>, 'at_ms' | 'type' | 'attributes'>;

/** Something that happened to a run and is not in its history yet. */
export interface Arrival {
  readonly seq: number;
  readonly at_ms: number;
  readonly event: NewEvent;
}

/** Rows that one INSERT takes: each has five values, and SQLite counts them. */
const ROWS_AT_ONCE = 500;

export async function readEvents(db: Reader, run_id: string, after = 0): Promise<HistoryEvent[]> {
  const rows = await db
    .selectFrom('workflow_events')
    .select(['event_id', 'at_ms', 'type', 'attributes'])
    .where('run_id', '=', run_id)
    .where('event_id', '>', after)
    .orderBy('event_id')
    .execute();
  return rows.map((row) => ({ eventId: row.event_id, eventTime_ms: row.at_ms, ...eventOf(row) }));
}

/** Undefined: the run is no longer kept. */
export async function findEvent(db: Reader, run_id: string, event_id: number): Promise<HistoryEvent | undefined> {
  const row = await db
    .selectFrom('workflow_events')
    .select(['at_ms', 'type', 'attributes'])
    .where('run_id', '=', run_id)
    .where('event_id', '=', event_id)
    .executeTakeFirst();
  return row && { eventId: event_id, eventTime_ms: row.at_ms, ...eventOf(row) };
}

/** Of a run that is there. */
export async function readEvent(db: Reader, run_id: string, event_id: number): Promise<HistoryEvent> {
  const event = await findEvent(db, run_id, event_id);
  if (!event) throw new TypeError(`run ${run_id} has no event ${event_id}`);
  return event;
}

export async function appendEvents(db: Change, run_id: string, events: readonly HistoryEvent[]): Promise<void> {
  const rows = events.map(({ eventId, eventTime_ms, eventType, attributes }) => ({
    run_id,
    event_id: eventId,
    at_ms: Math.floor(eventTime_ms),
    type: eventType,
    attributes: JSON.stringify(attributes),
  }));
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    await db
      .insertInto('workflow_events')
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .execute();
  }
  await grow(
    db,
    run_id,
    rows.reduce((bytes, { attributes }) => bytes + Buffer.byteLength(attributes), 0),
  ).execute();
}

export async function readInbox(db: Reader, run_id: string): Promise<Arrival[]> {
  const rows = await db
    .selectFrom('workflow_inbox')
    .select(['seq', 'at_ms', 'type', 'attributes'])
    .where('run_id', '=', run_id)
    .orderBy('seq')
    .execute();
  return rows.map((row) => ({ seq: row.seq, at_ms: row.at_ms, event: eventOf(row) }));
}

/** The last thing that its code has not heard of; undefined: there is nothing. */
export async function lastArrival(db: Reader, run_id: string): Promise<number | undefined> {
  const last = await arrivals(db, run_id)
    .select((eb) => eb.fn.max('seq').as('seq'))
    .executeTakeFirst();
  return last?.seq ?? undefined;
}

/** Whether its code has something to hear that came no later than that. */
export async function isUnheard(db: Reader, run_id: string, seq: number): Promise<boolean> {
  const earlier = await arrivals(db, run_id).select('seq').where('seq', '<=', seq).limit(1).executeTakeFirst();
  return earlier !== undefined;
}

function arrivals(db: Reader, run_id: string) {
  return db.selectFrom('workflow_inbox').where('run_id', '=', run_id);
}

/** What its code has heard of is in its history by now. */
export async function removeHeard(db: Change, run_id: string, heard_seq: number): Promise<void> {
  const heard = await db
    .deleteFrom('workflow_inbox')
    .where('run_id', '=', run_id)
    .where('seq', '<=', heard_seq)
    .returning(sql<number>`octet_length(attributes)`.as('size_bytes'))
    .execute();
  await grow(db, run_id, -heard.reduce((bytes, { size_bytes }) => bytes + size_bytes, 0)).execute();
}

/** What somebody wants to come to a run that has room for it. EngineError FAILED_PRECONDITION where it has none. */
export async function deliver(db: Change, run_id: string, event: NewEvent): Promise<boolean> {
  await requireRoomFor(db, run_id, Buffer.byteLength(JSON.stringify(event.attributes)));
  return arrive(db, run_id, event);
}

export async function requireRoomFor(db: Change, run_id: string, size_bytes: number): Promise<void> {
  const { workflow_history_bytes_max: bytes_max, workflow_inbox_max: inbox_max } = LIMITS;
  const run = await db
    .selectFrom('workflow_runs')
    .select((eb) => [
      'size_bytes',
      eb
        .selectFrom('workflow_inbox')
        .select((of) => of.fn.countAll<number>().as('count'))
        .where('run_id', '=', run_id)
        .as('unheard'),
      eb
        .selectFrom('workflow_updates')
        .select((of) => of.fn.countAll<number>().as('count'))
        .where('run_id', '=', run_id)
        .where('state', '=', 'waiting')
        .as('unanswered'),
    ])
    .where('run_id', '=', run_id)
    .executeTakeFirst();
  if (!run) return;
  if ((run.unheard ?? 0) + (run.unanswered ?? 0) >= inbox_max) {
    throw new EngineError('FAILED_PRECONDITION', `${inbox_max} things wait for it`);
  }
  if (run.size_bytes + size_bytes > bytes_max) {
    throw new EngineError('FAILED_PRECONDITION', `at most ${bytes_max} bytes of history`);
  }
}

/**
 * Something happened to a run: its code hears of it with the next task. Nothing where it has ended; false then. The row
 * of the run comes first, so that whoever finishes a task meanwhile waits for this, or this for it.
 */
export async function arrive(db: Change, run_id: string, event: NewEvent, about?: number): Promise<boolean> {
  const now_ms = Date.now();
  const attributes = JSON.stringify(event.attributes);
  if (!(await wakeWith(db, run_id, Buffer.byteLength(attributes)))) return false;
  await db
    .insertInto('workflow_inbox')
    .values({
      run_id,
      at_ms: now_ms,
      type: event.eventType,
      attributes,
      about_event_id: about ?? null,
    })
    .execute();
  return true;
}

/** Its code has something to hear. False where the run has ended. */
export async function wakeWith(db: Change, run_id: string, size_bytes: number): Promise<boolean> {
  const run = await grow(db, run_id, size_bytes)
    .set({ wake_ms: Date.now() })
    .where('status', '=', 'RUNNING')
    .returning('run_id')
    .executeTakeFirst();
  return run !== undefined;
}

function grow(db: Change, run_id: string, size_bytes: number) {
  return db
    .updateTable('workflow_runs')
    .set((eb) => ({ size_bytes: eb('size_bytes', '+', size_bytes) }))
    .where('run_id', '=', run_id);
}

function eventOf({ type, attributes }: EventRow): NewEvent {
  return { eventType: type, attributes: JSON.parse(attributes) as NewEvent['attributes'] };
}
