/** The jobs and schedules of all modules, as the user sees them in the Jobs window. */
import * as z from 'zod';
import { Job } from '../capabilities/jobs.ts';
import { Schedule } from '../capabilities/schedules.ts';
import { FileRef, Id } from '../schema.ts';

const OfModule = z.object({
  module_id: z.string(),
  /** null: the module is not installed any more. */
  module_name: z.string().nullable(),
});

export const UserJob = Job.omit({ options: true }).extend({
  ...OfModule.shape,
  outputs: z.array(FileRef.extend({ folder_id: Id })),
  /** The schedule that started it. */
  schedule_id: Id.nullable(),
  /** Times that it began to run. */
  attempts: z.number().int(),
});
export type UserJob = z.infer<typeof UserJob>;

/** The newest first. */
export const UserJobs = z.object({
  jobs: z.array(UserJob),
  /** Give it as "before" for the next page; null after the last one. */
  next: z.string().nullable(),
});
export type UserJobs = z.infer<typeof UserJobs>;

/** All about one: what its worker was told, and the end of what it printed. */
export const UserJobDetails = UserJob.extend({
  options: Job.shape.options,
  inputs: z.array(z.string()),
  log: z.string(),
});
export type UserJobDetails = z.infer<typeof UserJobDetails>;

export const UserSchedule = Schedule.extend(OfModule.shape);
export type UserSchedule = z.infer<typeof UserSchedule>;

export const UserSchedules = z.object({ schedules: z.array(UserSchedule) });
export type UserSchedules = z.infer<typeof UserSchedules>;

export const ToggleSchedule = z.strictObject({ enabled: z.boolean() });
export type ToggleSchedule = z.infer<typeof ToggleSchedule>;
