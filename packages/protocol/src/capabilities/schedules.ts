import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { type CapabilityRow, Id, InputRef, JsonObject, readableFiles } from '../schema.ts';

const Interval = z.strictObject({
  seconds: z
    .number()
    .int()
    .positive()
    .max(LIMITS.schedule_interval_ms_max / 1000),
});
const CronTrigger = z.strictObject({
  cron: z
    .string()
    .max(128)
    .regex(/^(?:@[a-z]+|[^\s@]+(?: +[^\s@]+){4,5})$/, 'is not a cron expression of five or six fields')
    .describe('As "30 2 * * *": minute, hour, day of the month, month, day of the week.'),
  timeZone: z.string().min(1).max(64).optional().describe('As "Europe/Berlin", whose clock counts; left out: UTC.'),
});

/** When a schedule fires. */
export const Trigger = z.union([Interval, CronTrigger]);
export type Trigger = z.infer<typeof Trigger>;

const TriggerType = z.enum(['interval', 'cron']);

export const Schedule = z.object({
  id: Id,
  name: z.string(),
  trigger_type: TriggerType,
  trigger: Trigger,
  options: JsonObject,
  enabled: z.boolean(),
  next_run_at: z.iso.datetime().nullable(),
  last_run_at: z.iso.datetime().nullable(),
  last_job_id: Id.nullable(),
  error: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .describe('Why it was ended: something that it needs is gone. Enabling it starts it again.'),
  created_at: z.iso.datetime(),
});
export type Schedule = z.infer<typeof Schedule>;

export const schedules = {
  HANABI_SCHEDULE_LIST: {
    sdk: 'schedules.list',
    summary: 'The schedules of this module for this user, the oldest first.',
    home: 'server',
    needs: { all: ['jobs.schedule'] },
    scope: {},
    payload: z.strictObject({}),
    result: z.object({ schedules: z.array(Schedule) }),
    errors: [],
    example: {},
  },
  HANABI_SCHEDULE_CREATE: {
    sdk: 'schedules.create',
    summary:
      'Has the module’s worker run again and again, also while no page is open: as this user, under what is granted at that time. What was missed while the server was away is made up for once.',
    home: 'server',
    needs: { all: ['jobs.schedule'] },
    widenedBy: 'files.read.all',
    scope: { inputs: readableFiles('inputRefs') },
    payload: z.strictObject({
      name: z.string().max(64).optional(),
      triggerType: TriggerType.optional(),
      trigger: Trigger,
      options: JsonObject.optional(),
      inputRefs: z.array(InputRef).max(LIMITS.job_inputs_max).optional(),
    }),
    result: z.object({ schedule: Schedule }),
    errors: ['HANABI-F001', 'HANABI-F002', 'HANABI-W001', 'HANABI-Q012', 'HANABI-Q013'],
    example: { name: 'Nightly report', trigger: { cron: '30 2 * * *', timeZone: 'Europe/Berlin' } },
  },
  HANABI_SCHEDULE_TOGGLE: {
    sdk: 'schedules.toggle',
    summary: 'Stops a schedule and keeps it, or lets it go on from now.',
    home: 'server',
    needs: { all: ['jobs.schedule'] },
    scope: {},
    payload: z.strictObject({ scheduleId: Id, enabled: z.boolean() }),
    result: z.object({ schedule: Schedule }),
    errors: ['HANABI-W021'],
    example: { scheduleId: 's-1', enabled: false },
  },
  HANABI_SCHEDULE_DELETE: {
    sdk: 'schedules.delete',
    summary: 'Deletes a schedule. Jobs that it started go on.',
    home: 'server',
    needs: { all: ['jobs.schedule'] },
    scope: {},
    payload: z.strictObject({ scheduleId: Id }),
    result: z.object({ ok: z.literal(true) }),
    errors: ['HANABI-W021'],
    example: { scheduleId: 's-1' },
  },
} as const satisfies Record<string, CapabilityRow>;
