/**
 * What the server tells every open desktop of a user without being asked. Each is a small fact that points at things,
 * never the things themselves: so it can be repeated or left out, and a desktop that missed some asks again.
 */
import * as z from 'zod';
import { JOB_KINDS, JOB_STATES } from './capabilities/jobs.ts';
import { EVENTS } from './events.ts';
import { Id } from './schema.ts';

export const LIVE_EVENTS = {
  job: {
    summary: 'A job of the user was accepted, began, moved on or ended.',
    payload: z.object({
      id: Id,
      module_id: z.string(),
      kind: z.enum(JOB_KINDS),
      state: z.enum(JOB_STATES),
      progress_pct: z.number().min(0).max(100),
      /** Of one that failed or was cancelled. */
      error_code: z.string().nullable(),
    }),
  },
  schedules: { summary: 'Schedules of the user were made, changed, fired or deleted.', payload: z.object({}) },
  data: {
    summary: 'A document that a module keeps for the user was stored, or without a version deleted.',
    payload: EVENTS.HANABI_DATA_CHANGED.payload.extend({
      module_id: z.string(),
      /** The launch whose window did it, which knows; null: no window did. */
      by: Id.nullable(),
    }),
  },
  files: { summary: 'Something below the folders of the user has changed.', payload: z.object({}) },
  desktop: { summary: 'What lies on the desktop of the user has changed.', payload: z.object({}) },
  preferences: { summary: 'How the user likes the desktop has changed.', payload: z.object({}) },
  rights: { summary: 'Modules, or what is granted to them, have changed.', payload: z.object({}) },
  service: {
    summary: 'A service of the user began, ticked or ended, or something that it keeps, says or shows has changed.',
    payload: z.object({ module_id: z.string(), what: z.enum(['status', 'log', 'state', 'monitor', 'failed']) }),
  },
  workflow: {
    summary: 'A workflow of the user began, went on or ended.',
    payload: z.object({ module_id: z.string(), run_id: z.string() }),
  },
  notice: { summary: 'A workflow has something to say to the user.', payload: z.object({}) },
  missed: { summary: 'News were left out, because this desktop read them too slowly.', payload: z.object({}) },
} as const satisfies Record<string, { summary: string; payload: z.ZodObject }>;

export type LiveTopic = keyof typeof LIVE_EVENTS;
export type LivePayloads = { [T in LiveTopic]: z.output<(typeof LIVE_EVENTS)[T]['payload']> };

/** One of them on its way: topic and payload side by side. */
export type LiveEvent = { [T in LiveTopic]: { topic: T } & Fields<LivePayloads[T]> }[LiveTopic];
type Fields<Payload> = Payload extends Record<string, never> ? unknown : Payload;
