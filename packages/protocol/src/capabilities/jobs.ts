import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { type CapabilityRow, FileRef, Id, InputRef, JsonObject, readableFiles } from '../schema.ts';

export const JOB_STATES = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const;

export const Job = z.object({
  id: Id,
  state: z.enum(JOB_STATES),
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
  'HANABI-W011',
  'HANABI-W012',
  'HANABI-W013',
  'HANABI-W014',
  'HANABI-W015',
  'HANABI-W016',
  'HANABI-W017',
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
    errors: workerErrors,
    example: { options: { size_px: 256 }, inputRefs: ['f-1'], stream: true },
  },
  HANABI_LIST_JOBS: {
    sdk: 'listJobs',
    summary: 'The past jobs of this module for this user, newest first, with the outputs of the completed ones.',
    home: 'server',
    needs: { all: ['jobs.create'] },
    scope: {},
    payload: z.strictObject({}),
    result: z.object({ jobs: z.array(Job) }),
    errors: [],
    example: {},
  },
} as const satisfies Record<string, CapabilityRow>;
