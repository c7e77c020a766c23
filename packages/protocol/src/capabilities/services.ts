import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import type { CapabilityRow } from '../schema.ts';

const SERVICE_STATES = ['stopped', 'running', 'waiting', 'failed'] as const;

export const ServiceStatus = z.object({
  state: z
    .enum(SERVICE_STATES)
    .describe('"waiting": it has died and starts anew at `restart_at`; "failed": so often that it is not tried again.'),
  tick_interval_ms: z.number(),
  started_at: z.iso.datetime().nullable(),
  next_tick_at: z.iso.datetime().nullable(),
  restart_at: z.iso.datetime().nullable(),
  ticks: z.number().int(),
  failures: z.number().int().describe('In a row.'),
  last_tick_at: z.iso.datetime().nullable(),
  last_took_ms: z.number().nullable(),
  last_error: z.object({ code: z.string(), message: z.string(), at: z.iso.datetime() }).nullable(),
  cpu_ms: z.number().nullable().describe('Since it was last loaded.'),
  memory_bytes_peak: z.number().nullable(),
});
export type ServiceStatus = z.infer<typeof ServiceStatus>;

const ServiceLogEntry = z.object({
  seq: z.number().int(),
  at: z.iso.datetime(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
});

export const ServiceLog = z.object({ entries: z.array(ServiceLogEntry).describe('The oldest first.') });
export type ServiceLog = z.infer<typeof ServiceLog>;

export const ServiceState = z.object({
  state: z.record(z.string(), z.string()).describe('By key, the JSON text of its value.'),
});
export type ServiceState = z.infer<typeof ServiceState>;

export const ServiceMonitor = z.object({
  widgets: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['number', 'text', 'table', 'line_chart']),
      value: z.string().describe('JSON text.'),
      updated_at: z.iso.datetime(),
    }),
  ),
});
export type ServiceMonitor = z.infer<typeof ServiceMonitor>;

const row = {
  home: 'server',
  needs: { all: ['worker.service'] },
  scope: {},
  payload: z.strictObject({}),
  errors: ['HANABI-W024'],
  example: {},
} as const;

const StateKey = z.string().min(1).max(256);

export const services = {
  HANABI_SERVICE_STATUS: {
    ...row,
    sdk: 'services.status',
    summary: 'What the service of this module does for this user.',
    result: ServiceStatus,
  },
  HANABI_SERVICE_START: {
    ...row,
    sdk: 'services.start',
    summary: 'Keeps the service of this module running for this user, until it is stopped.',
    result: ServiceStatus,
    errors: ['HANABI-W024', 'HANABI-Q014'],
  },
  HANABI_SERVICE_STOP: {
    ...row,
    sdk: 'services.stop',
    summary: 'Ends the service at once. What it keeps stays.',
    result: ServiceStatus,
  },
  HANABI_SERVICE_RESTART: {
    ...row,
    sdk: 'services.restart',
    summary: 'Ends the service and loads it anew.',
    result: ServiceStatus,
    errors: ['HANABI-W024', 'HANABI-Q014'],
  },
  HANABI_SERVICE_TICK: {
    ...row,
    sdk: 'services.tick',
    summary: 'One tick at once, beside those of the interval. Answers before it is through.',
    result: ServiceStatus,
    errors: ['HANABI-W024', 'HANABI-W025'],
  },
  HANABI_SERVICE_LOG: {
    ...row,
    sdk: 'services.log',
    summary: 'The newest messages of the service, or those after the one with that number.',
    payload: z.strictObject({
      after: z.number().int().nonnegative().optional(),
      limit: z.number().int().min(1).max(LIMITS.service_log_kept_max).optional(),
    }),
    result: ServiceLog,
    example: { limit: 50 },
  },
  HANABI_SERVICE_STATE: {
    ...row,
    sdk: 'services.state',
    summary: 'Everything that the service keeps.',
    result: ServiceState,
  },
  HANABI_SERVICE_SET_STATE: {
    ...row,
    sdk: 'services.setState',
    summary: 'Changes a value that the service keeps; null deletes it.',
    payload: z.strictObject({ key: StateKey, value: z.json() }),
    result: z.object({ ok: z.literal(true) }),
    errors: ['HANABI-W024', 'HANABI-Q015'],
    example: { key: 'limit', value: 100 },
  },
  HANABI_SERVICE_MONITOR: {
    ...row,
    sdk: 'services.monitor',
    summary: 'The widgets that the service shows, the newest last.',
    result: ServiceMonitor,
  },
} as const satisfies Record<string, CapabilityRow>;
