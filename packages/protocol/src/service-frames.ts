/**
 * What host and runner say to each other over the frame channel of a service, in the frames of worker-frames.ts.
 *
 * Host → runner: one `service` frame; then `call`, one at a time, and during a call an `answer` to each `ask`.
 * Runner → host: `ready`; `loaded` or `failed`; then to each call any number of `ask` and one of `returned` and `raised`.
 * `ask` and `answer` are followed by byte frames that add up to their size: JSON, of the parameters or of what came of
 * it. While the program is loaded it may ask, too.
 * A process of workflows begins with a `workflow` frame instead, and after `loaded` only asks: `poll`, with what came of
 * the last activation, answered with the next one.
 */
import * as z from 'zod';
import { CONNECTOR_CALLS } from './connectors/index.ts';
import { KIB, LIMITS } from './limits.ts';
import { FAILURE_REASONS } from './worker-frames.ts';

export const SERVICE_FUNCTIONS = ['setup', 'tick', 'on_error'] as const;
export type ServiceFunction = (typeof SERVICE_FUNCTIONS)[number];

export const ServiceFrame = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('loaded'), functions: z.array(z.enum(SERVICE_FUNCTIONS)).max(3) }),
  z.strictObject({
    kind: z.literal('failed'),
    reason: z.enum(FAILURE_REASONS),
    message: z.string(),
    traceback: z.string(),
  }),
  z.strictObject({
    kind: z.literal('ask'),
    id: z.number().int().positive(),
    method: z.string().max(64),
    size_bytes: z.number().int().min(1).max(LIMITS.service_ask_bytes_max),
  }),
  z.strictObject({ kind: z.literal('returned'), id: z.number().int() }),
  z.strictObject({ kind: z.literal('raised'), id: z.number().int(), message: z.string(), traceback: z.string() }),
]);
export type ServiceFrame = z.infer<typeof ServiceFrame>;

const Key = z.string().min(1).max(256);
const Path = z.string().max(1024);
const WidgetName = z.string().min(1).max(64);

/** Everything a service may ask of the host. The gateway of the server checks the parameters against this table. */
export const HOST_CALLS = {
  'state.get': z.strictObject({ key: Key }),
  'state.set': z.strictObject({ key: Key, value: z.json() }),
  'state.delete': z.strictObject({ key: Key }),
  'state.keys': z.strictObject({}),
  'log.write': z.strictObject({
    entries: z
      .array(
        z.strictObject({
          level: z.enum(['debug', 'info', 'warn', 'error']),
          message: z.string().max(LIMITS.service_log_message_chars_max),
        }),
      )
      .min(1)
      .max(LIMITS.service_log_batch_max),
  }),
  'files.list': z.strictObject({ folder: Path }),
  'files.read': z.strictObject({ path: Path }),
  'files.write': z.strictObject({ path: Path, content: z.string() }),
  'files.delete': z.strictObject({ path: Path }),
  'http.request': z.strictObject({
    method: z.enum(['GET', 'POST']),
    url: z.string(),
    headers: z.record(z.string().max(1 * KIB), z.string().max(8 * KIB)),
    body: z.string().nullable(),
  }),
  'monitor.set': z.strictObject({
    name: WidgetName,
    kind: z.enum(['number', 'text', 'table', 'line_chart']),
    value: z.json(),
  }),
  'monitor.clear': z.strictObject({ name: WidgetName }),
  ...CONNECTOR_CALLS,
} as const satisfies Record<string, z.ZodType>;

export type HostMethod = keyof typeof HOST_CALLS;
export type HostParams = { [Method in HostMethod]: z.infer<(typeof HOST_CALLS)[Method]> };
