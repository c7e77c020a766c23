/** What the host sends a module without being the reply to a request. */
import * as z from 'zod';
import { FileRef, Id } from './schema.ts';

export const OUTPUT_ENCODINGS = ['text', 'base64'] as const;

export const EVENTS = {
  HANABI_JOB_PROGRESS: {
    summary: 'The worker yielded progress.',
    payload: z.object({ jobId: Id, progressPct: z.number().min(0).max(100), message: z.string() }),
  },
  HANABI_JOB_OUTPUT: {
    summary: 'The worker yielded a piece of output; pieces arrive in the order of seq and are not stored.',
    payload: z.object({
      jobId: Id,
      seq: z.number().int().positive(),
      chunk: z.string(),
      encoding: z.enum(OUTPUT_ENCODINGS),
    }),
  },
  HANABI_FILES_DROPPED: {
    summary: 'The user dropped files onto the window; they lie in the module’s input folder now. Has no rid.',
    payload: z.object({ files: z.array(FileRef) }),
  },
  HANABI_DATA_CHANGED: {
    summary:
      'Another window of the module stored or deleted a document; without a version it is gone. Has no rid, and reaches modules that hold data.store.',
    payload: z.object({ collection: z.string(), id: z.string(), version: z.number().int().nullable() }),
  },
} as const satisfies Record<string, { summary: string; payload: z.ZodObject }>;

/**
 * Module → host, without a reply: `{ v, type, rid, count }`. A page that asked for it with `confirm` says how many events of
 * the request it has taken; the host sends only few ahead of that, and a worker that tells more waits.
 */
export const EVENTS_TAKEN = 'HANABI_EVENTS_TAKEN';

/**
 * Host → module and back, neither with a reply: by the port that READY hands over the host asks now and then whether the
 * page still answers (`{ v, type }`), and the client says that it does (`{ v, type, rid }`). It says so once without being
 * asked, when it takes the port, and with `last: true` when it is disposed. Who never said it is never asked.
 */
export const PING = 'HANABI_PING';
export const ALIVE = 'HANABI_ALIVE';

export type EventType = keyof typeof EVENTS;
export type EventPayloads = { [T in EventType]: z.output<(typeof EVENTS)[T]['payload']> };

/** Events that belong to a request and carry its rid. */
export type JobEventType = 'HANABI_JOB_PROGRESS' | 'HANABI_JOB_OUTPUT';

/** An event on its way: the type and its payload, side by side as in an envelope. */
export type HanabiEvent = { [T in JobEventType]: { type: T } & EventPayloads[T] }[JobEventType];
