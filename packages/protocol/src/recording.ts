/**
 * What the debugger writes down of one launch of a module: the file that it exports, and that a replay reads. Contents of
 * files and secrets are not in it; `KEPT_INSTEAD` says what stands in their place.
 */
import * as z from 'zod';
import { ERROR_CATEGORIES, type ErrorCode, ERRORS } from './errors.ts';
import { LIMITS } from './limits.ts';
import { PERMISSION_NAMES } from './permissions.ts';
import { FolderRole } from './schema.ts';

/** Raised when a reader of the former would misunderstand the new one. */
export const RECORDING_FORMAT = 1;
export const RECORDING_SCHEMA = 'hanabi.recording.schema.json';

/** The key of an object that stands for something that was not kept. */
export const KEPT_INSTEAD = {
  bytes: '$bytes',
  hidden: '$hidden',
  cut: '$cut',
} as const;

export const BYTES_FORMS = ['buffer', 'array', 'blob', 'base64', 'data-url'] as const;

/** Stands for bytes, however they were carried. */
export const KeptBytes = z.object({
  form: z.enum(BYTES_FORMS),
  size_bytes: z.number().int().nonnegative(),
  sha256: z.string().nullable().describe('null: too large to be hashed, or the desktop is not served over https.'),
});
export type KeptBytes = z.infer<typeof KeptBytes>;

const Value = z
  .json()
  .describe(
    'As it was sent, but for objects with one of these keys: "$bytes" stands for a content, "$hidden" for what looks like a secret, "$cut" for what was too large, with its beginning.',
  );
const Rid = z.string().max(LIMITS.rid_chars_max);
const Type = z.string().max(64);
const at_ms = z.number().nonnegative().describe('Since the window was opened.');
const Permission = z.enum(PERMISSION_NAMES);

const RecordedError = z.object({
  code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
  category: z.enum(ERROR_CATEGORIES),
  message: z.string(),
  permission: Permission.optional(),
  role: FolderRole.optional(),
  log: z.string().optional(),
  jobId: z.string().optional(),
  requestId: z.string().optional(),
});

const RecordedRequest = z.object({
  kind: z.literal('request'),
  at_ms,
  type: Type,
  rid: Rid,
  payload: z.record(z.string(), Value),
});
export type RecordedRequest = z.infer<typeof RecordedRequest>;

const RecordedReply = z.object({
  kind: z.literal('reply'),
  at_ms,
  type: Type.describe('Of the request.'),
  rid: Rid.nullable().describe('null: the request could not be read.'),
  by: z.enum(['desktop', 'server']).describe('Who answered.'),
  data: Value.optional(),
  error: RecordedError.optional(),
});
export type RecordedReply = z.infer<typeof RecordedReply>;

const RecordedEvent = z.object({
  kind: z.literal('event'),
  at_ms,
  type: Type,
  rid: Rid.nullable().describe('Of the request that it belongs to; null: it belongs to none.'),
  payload: z.record(z.string(), Value),
});
export type RecordedEvent = z.infer<typeof RecordedEvent>;

/** The rights of the module changed while its window was open. */
const RecordedRights = z.object({
  kind: z.literal('rights'),
  at_ms,
  gained: z.array(Permission),
  lost: z.array(Permission),
});
export type RecordedRights = z.infer<typeof RecordedRights>;

const RecordedEnd = z.object({
  kind: z.literal('end'),
  at_ms,
  error: RecordedError.nullable().describe('null: the person closed the window.'),
});
export type RecordedEnd = z.infer<typeof RecordedEnd>;

export const RecordingEntry = z.discriminatedUnion('kind', [
  RecordedRequest,
  RecordedReply,
  RecordedEvent,
  RecordedRights,
  RecordedEnd,
]);
export type RecordingEntry = z.infer<typeof RecordingEntry>;

export const Recording = z.object({
  $schema: z.string(),
  format: z.literal(RECORDING_FORMAT),
  recorded_at: z.iso.datetime(),
  module: z.object({
    id: z.string(),
    name: z.string(),
    version: z.string(),
    declared: z.array(Permission).describe('What its manifest listed.'),
  }),
  dropped: z
    .number()
    .int()
    .nonnegative()
    .describe('Calls and events at the beginning that are not in it. Only a recording without any can be replayed.'),
  entries: z.array(RecordingEntry).describe('In the order in which they passed the bridge.'),
});
export type Recording = z.infer<typeof Recording>;

export function recordingJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(Recording, { io: 'input', unrepresentable: 'any' });
}
