import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { type CapabilityRow, FileRef, Id, InputRef, JsonObject, readableFiles } from '../schema.ts';

export const JOB_STATES = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const;

/** How it came to be: CREATE_JOB, QUEUE_TASK, or a schedule. */
export const JOB_KINDS = ['call', 'task', 'schedule'] as const;

export const Job = z.object({
  id: Id,
  kind: z.enum(JOB_KINDS),
  state: z.enum(JOB_STATES),
  queue_position: z
    .number()
    .int()
    .positive()
    .nullable()
    .describe('While it is queued: about how many are before it, and it; 1 is the next. Else null.'),
  progress_pct: z.number().min(0).max(100),
  options: JsonObject,
  outputs: z.array(FileRef),
  error: z.object({ code: z.string(), category: z.string(), message: z.string() }).nullable(),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
});
export type Job = z.infer<typeof Job>;

const workerErrors = [
  'HANABI-F001',
  'HANABI-F002',
  'HANABI-W001',
  'HANABI-W002',
  'HANABI-W003',
  'HANABI-W004',
  'HANABI-W005',
  'HANABI-W006',
  'HANABI-W007',
  'HANABI-W008',
  'HANABI-W009',
  'HANABI-W010',
  'HANABI-W012',
  'HANABI-W013',
  'HANABI-W014',
  'HANABI-W015',
  'HANABI-W016',
  'HANABI-W017',
  'HANABI-W018',
  'HANABI-M007',
  'HANABI-Q003',
  'HANABI-Q004',
] as const;

export const jobs = {
  HANABI_CREATE_JOB: {
    sdk: 'createJob',
    summary:
      'Runs the module’s worker on input files and answers when it has ended; with stream, progress and output arrive as events before the answer. A page that also sets confirm tells how many of them it has taken, as { v, type: HANABI_EVENTS_TAKEN, rid, count } and without a reply; the host then stays close to it, and the worker waits for a slow page. Running it also takes worker.execute.',
    home: 'server',
    needs: { all: ['jobs.create'] },
    widenedBy: 'files.read.all',
    scope: { inputs: readableFiles('inputRefs') },
    payload: z.strictObject({
      options: JsonObject.optional(),
      inputRefs: z.array(InputRef).max(LIMITS.job_inputs_max).optional(),
      stream: z.boolean().optional(),
      /** The page confirms events with EVENTS_TAKEN; the host then never runs far ahead of it. */
      confirm: z.boolean().optional(),
    }),
    result: z.object({ job: Job }),
    events: ['HANABI_JOB_PROGRESS', 'HANABI_JOB_OUTPUT'],
    changes: 'files',
    windowless: true,
    errors: workerErrors,
    example: { options: { size_px: 256 }, inputRefs: ['f-1'], stream: true },
  },
  HANABI_LIST_JOBS: {
    sdk: 'listJobs',
    summary: 'The jobs of this module for this user, newest first, with the outputs of the completed ones.',
    home: 'server',
    needs: { any: ['jobs.create', 'jobs.queue'] },
    scope: {},
    payload: z.strictObject({}),
    result: z.object({ jobs: z.array(Job) }),
    windowless: true,
    errors: [],
    example: {},
  },
  HANABI_QUEUE_TASK: {
    sdk: 'queue.enqueue',
    summary:
      'Has the module’s worker run in the background, on the files as they are now, and answers at once. The job is kept: it outlives the page and the server. Running it also takes worker.execute, then.',
    home: 'server',
    needs: { all: ['jobs.queue'] },
    widenedBy: 'files.read.all',
    scope: { inputs: readableFiles('inputRefs') },
    payload: z.strictObject({
      options: JsonObject.optional(),
      inputRefs: z.array(InputRef).max(LIMITS.job_inputs_max).optional(),
    }),
    result: z.object({ job: Job }),
    windowless: true,
    errors: ['HANABI-F001', 'HANABI-F002', 'HANABI-W001', 'HANABI-Q004'],
    example: { options: { size_px: 256 }, inputRefs: ['f-1'] },
  },
  HANABI_GET_JOB: {
    sdk: 'queue.get',
    summary: 'One job of this module for this user, as it is now, with the end of what its worker printed.',
    home: 'server',
    needs: { any: ['jobs.queue', 'jobs.create'] },
    scope: {},
    payload: z.strictObject({ jobId: Id }),
    result: z.object({ job: Job.extend({ log: z.string() }) }),
    windowless: true,
    errors: ['HANABI-W020'],
    example: { jobId: 'j-1' },
  },
  HANABI_CANCEL_JOB: {
    sdk: 'queue.cancel',
    summary: 'Cancels a job of this module that is still queued. One that runs goes on.',
    home: 'server',
    needs: { all: ['jobs.queue'] },
    scope: {},
    payload: z.strictObject({ jobId: Id }),
    result: z.object({ job: Job }),
    errors: ['HANABI-W019', 'HANABI-W020'],
    example: { jobId: 'j-1' },
  },
} as const satisfies Record<string, CapabilityRow>;
