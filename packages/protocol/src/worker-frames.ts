/**
 * What host and runner say to each other over the frame channel of a sealed job.
 *
 * A frame is a 4-byte big-endian length of the body, one byte of kind (1: a JSON object, 2: raw bytes), the body.
 * Host → runner: one `job` frame. Runner → host: `ready`, any number of `progress` and `output`, then either the
 * files (`file`, followed by byte frames that add up to its size) and `done`, or `collect` where they lie in the output
 * folder, or `failed`. After one of these three nothing more is read. `fixtures/wire/` holds transcripts that both sides are tested against.
 *
 * ctx.fetch: the runner sends `fetch` and the body in byte frames that follow at once and add up to its size; several
 * may be under way. The host answers each in its own time, by `id`: `fetched` and the body in the same way, or `refused`.
 *
 * An activity may be told to end by itself, with a `cancel`, and says what became of it as always.
 */
import * as z from 'zod';
import { OUTPUT_ENCODINGS } from './events.ts';
import { KIB, LIMITS, MIB } from './limits.ts';

export const FRAME_KIND_JSON = 1;
export const FRAME_KIND_BYTES = 2;
export const FRAME_HEADER_BYTES = 5;
export const FRAME_BODY_BYTES_MAX = MIB;
/** How the runner cuts file contents. */
export const FRAME_CHUNK_BYTES = 256 * KIB;

/** Descriptors of the channel inside the sandbox: the runner reads the first and writes the second. */
export const FRAME_FD_IN = 3;
export const FRAME_FD_OUT = 4;

export const JobFrame = z.strictObject({
  /** "activity": one attempt of an activity of a workflow, which leaves one file that says what became of it. */
  kind: z.enum(['job', 'activity']),
  /** Path of the worker file below the module folder. */
  entry: z.string(),
  /** Names of the files in the input folder. */
  inputs: z.array(z.string()),
  options: z.record(z.string(), z.json()),
  /** Folders to append to sys.path: the declared libraries. */
  libraries: z.array(z.string()),
});
export type JobFrame = z.infer<typeof JobFrame>;

/**
 * Beyond this there is no sentence about how many are allowed, which would need a look at each: a frame holds a hundred
 * thousand, and looking at those takes longer than the worker needs to send them.
 */
const HEADERS_READ_MAX = 10 * LIMITS.fetch_headers_max;

/** A header name may stand more than once in a request, hence pairs. */
const FetchFrame = z.strictObject({
  kind: z.literal('fetch'),
  id: z.number().int().nonnegative(),
  method: z.string(),
  url: z.string(),
  headers: z
    .array(z.unknown())
    .max(HEADERS_READ_MAX)
    .pipe(z.array(z.tuple([z.string(), z.string()]))),
  size_bytes: z.number().int().nonnegative(),
});
export type FetchFrame = z.infer<typeof FetchFrame>;

/** Answers of the host to a `fetch`. */
export const FetchAnswerFrame = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('fetched'),
    id: z.number().int().nonnegative(),
    status: z.number().int(),
    /** By lower-case name. */
    headers: z.record(z.string(), z.string()),
    size_bytes: z.number().int().nonnegative(),
  }),
  z.strictObject({
    kind: z.literal('refused'),
    id: z.number().int().nonnegative(),
    code: z.string(),
    message: z.string(),
  }),
]);
export type FetchAnswerFrame = z.infer<typeof FetchAnswerFrame>;

/** As python/hanabi_workflow/activity.py tells it to activities. */
export const CANCEL_REASONS = [
  'cancel_requested',
  'timed_out',
  'worker_shutdown',
  'not_found',
  'paused',
  'reset',
] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

export const CancelFrame = z.strictObject({ kind: z.literal('cancel'), reason: z.enum(CANCEL_REASONS) });

export const FAILURE_REASONS = ['load', 'no_run', 'exception', 'bad_return', 'memory'] as const;

export const RunnerFrame = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('progress'), pct: z.number(), message: z.string().max(4000) }),
  z.strictObject({ kind: z.literal('output'), chunk: z.string(), encoding: z.enum(OUTPUT_ENCODINGS) }),
  z.strictObject({
    kind: z.literal('file'),
    name: z.string().max(LIMITS.output_name_chars_max),
    size_bytes: z.number().int().nonnegative(),
  }),
  z.strictObject({ kind: z.literal('done') }),
  z.strictObject({ kind: z.literal('collect') }),
  FetchFrame,
  z.strictObject({
    kind: z.literal('failed'),
    reason: z.enum(FAILURE_REASONS),
    message: z.string(),
    traceback: z.string(),
  }),
]);
export type RunnerFrame = z.infer<typeof RunnerFrame>;
