/** What histories of workflows say about code: whether an update fits those that are there, and a past run line by line. */
import * as z from 'zod';
import type { ErrorBody } from '../errors.ts';
import { WorkflowEvent, UserWorkflow } from './workflows.ts';

/** A line of a module's code. */
export const CodePlace = z.object({
  /** Below the folder of its package. */
  path: z.string(),
  line: z.number().int(),
});
export type CodePlace = z.infer<typeof CodePlace>;

/**
 * What became of one workflow's history, played again with the code of a version. Of other people's workflows there is
 * nothing in it that comes from their data: `id` is null, and names that do not stand in the module's code are "…".
 */
export const WorkflowVerdict = z.object({
  run_id: z.string(),
  id: z.string().nullable(),
  workflow: z.string(),
  /** Whether it has not ended. */
  is_open: z.boolean(),
  started_at: z.iso.datetime(),
  result: z.enum(['fits', 'breaks', 'untried']),
  /** Its tasks fail already, with the code that it has. */
  is_stuck: z.boolean(),
  /** Where history and code part: the event, what history has there, and what the code did this time. */
  apart: z.object({ event_id: z.number().int().nullable(), history: z.string(), code: z.string() }).nullable(),
  /** What the code failed with, by the name of the exception; empty where it did not fail. */
  failure: z.string(),
  place: CodePlace.nullable(),
  /** Why it could not be tried. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type WorkflowVerdict = z.infer<typeof WorkflowVerdict>;

/** One line of the answer, which comes as NDJSON: how many there will be, each as it is known, and that it was all. */
export type WorkflowCheckLine =
  | { kind: 'begun'; total: number; left_out: number }
  | { kind: 'verdict'; verdict: WorkflowVerdict }
  | { kind: 'done'; summary: WorkflowCheck }
  | { kind: 'failed'; error: ErrorBody };

/** What the last check of a version came to. */
export const WorkflowCheck = z.object({
  at: z.iso.datetime(),
  fits: z.number().int(),
  breaks: z.number().int(),
  /** Those of them that have not ended. */
  breaks_open: z.number().int(),
  untried: z.number().int(),
  /** More than are tried at a time. */
  left_out: z.number().int(),
});
export type WorkflowCheck = z.infer<typeof WorkflowCheck>;

/** A frame of a stack. */
export const CodeFrame = CodePlace.extend({ function: z.string() });
export type CodeFrame = z.infer<typeof CodeFrame>;

export const PlayedEvent = WorkflowEvent.extend({
  /** Who made it, where it comes from the code: the innermost line first. */
  made_by: z.array(CodeFrame),
  /** Of `tasks`, the last one that was over then; -1 before the first. */
  task: z.number().int(),
});
export type PlayedEvent = z.infer<typeof PlayedEvent>;

/** A past run, played again with the code that its user has now. */
export const WorkflowPlayback = z.object({
  summary: UserWorkflow,
  version: z.string(),
  /** The oldest first. */
  events: z.array(PlayedEvent),
  /** Older events that are not in `events`. */
  left_out: z.number().int(),
  tasks: z.array(
    z.object({
      event_id: z.number().int(),
      /** Where each task of the code waited then, by its name. */
      waits: z.array(z.object({ task: z.string(), stack: z.array(CodeFrame) })),
    }),
  ),
  problem: z
    .object({
      /** The event that was to come, or the last one that the code was told of. */
      event_id: z.number().int(),
      message: z.string(),
      apart: WorkflowVerdict.shape.apart,
      stack: z.array(CodeFrame),
    })
    .nullable(),
  /** The files that the stacks name. */
  sources: z.array(z.object({ path: z.string(), text: z.string() })),
});
export type WorkflowPlayback = z.infer<typeof WorkflowPlayback>;
