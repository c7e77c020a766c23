/**
 * What a desktop says on the live channel. Apart from the rest of it, because the page of the desktop begins without the
 * library that reads schemas.
 */
import * as z from 'zod';
import { Id } from './schema.ts';

const CallId = z.number().int().nonnegative();

/** Desktop → server, as JSON text. */
export const LiveRequest = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('call'),
    /** Made up by the desktop, one that no call under way has. */
    id: CallId,
    type: z.string().max(64),
    launch: Id,
    payload: z.record(z.string(), z.unknown()),
  }),
  /** How many events of a call the desktop has taken in all; the server runs only `job_events_ahead_max` ahead. */
  z.strictObject({ op: z.literal('taken'), id: CallId, count: CallId }),
  z.strictObject({ op: z.literal('cancel'), id: CallId }),
  z.strictObject({ op: z.literal('beat') }),
]);
export type LiveRequest = z.infer<typeof LiveRequest>;
