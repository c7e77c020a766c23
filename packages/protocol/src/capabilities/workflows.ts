import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import type { CapabilityRow } from '../schema.ts';

export const WORKFLOW_STATES = [
  'running',
  'completed',
  'failed',
  'cancelled',
  'terminated',
  'continued',
  'timed_out',
] as const;
export type WorkflowState = (typeof WORKFLOW_STATES)[number];

const WorkflowId = z
  .string()
  .min(1)
  .max(200)
  .describe('As its starter chose it; of one id, one workflow runs at a time.');
const RunId = z.string().min(1).max(64).describe('One run of it; the newest when left out.');
const Name = z.string().min(1).max(200);
export const WorkflowFilter = z
  .string()
  .min(1)
  .max(LIMITS.workflow_filter_chars_max)
  .describe('A list filter as Temporal’s clients write them: fields of runs and search attributes, compared.');
const Arguments = z.array(z.json()).max(32).optional();

export const WorkflowFailure = z.object({
  message: z.string().describe('With what caused it, the outermost first.'),
  type: z.string().describe('Of the innermost cause; empty where it has none.'),
});
export type WorkflowFailure = z.infer<typeof WorkflowFailure>;

export const WorkflowSummary = z.object({
  id: WorkflowId,
  run_id: RunId,
  workflow: z.string().describe('The name of its class.'),
  state: z.enum(WORKFLOW_STATES),
  started_at: z.iso.datetime(),
  closed_at: z.iso.datetime().nullable(),
  events: z.number().int().describe('How long its history is.'),
  paused: z.boolean().describe('It was restored from a backup, and waits until somebody lets it go on.'),
  cron: z.string().nullable().describe('When it comes again after its end; null: it does not.'),
  task_failures: z.number().int().describe('Of its code, in a row; it is tried again until it is mended.'),
});
export type WorkflowSummary = z.infer<typeof WorkflowSummary>;

const row = {
  home: 'server',
  needs: { all: ['worker.workflow'] },
  scope: {},
  errors: ['HANABI-W028', 'HANABI-W029', 'HANABI-W032'],
} as const;
const which = { id: WorkflowId, runId: RunId.optional() };
const whichActivity = {
  ...which,
  activityId: Name.describe('The `activity_id` that the workflow gave it.'),
  token: Name.optional().describe('The `task_token` of one attempt: another one is left alone.'),
};
const ofActivity = ['HANABI-W028', 'HANABI-W029', 'HANABI-W032', 'HANABI-W033'] as const;
const Duration = z.number().int().min(1).max(LIMITS.workflow_wait_ms_max).optional();

export const workflows = {
  HANABI_WORKFLOW_START: {
    ...row,
    sdk: 'workflows.start',
    summary:
      'Starts a workflow of this module. It goes on until it ends, whatever becomes of this page or of the server.',
    payload: z.strictObject({
      workflow: Name.describe('The name of its class.'),
      id: WorkflowId.optional(),
      args: Arguments,
      idReusePolicy: z.enum(['ALLOW_DUPLICATE', 'ALLOW_DUPLICATE_FAILED_ONLY', 'REJECT_DUPLICATE']).optional(),
      idConflictPolicy: z.enum(['FAIL', 'USE_EXISTING', 'TERMINATE_EXISTING']).optional(),
      runTimeoutMs: Duration,
      startDelayMs: Duration,
      cronSchedule: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe(
          'When it comes again after each end: five fields, "@daily", "@every 90m", with "CRON_TZ=Zone " before it.',
        ),
    }),
    result: z.object({ id: WorkflowId, run_id: RunId }),
    errors: ['HANABI-W028', 'HANABI-W030', 'HANABI-W032', 'HANABI-Q016'],
    example: { workflow: 'Approval', id: 'plan.pdf', args: ['plan.pdf'] },
  },
  HANABI_WORKFLOW_SIGNAL: {
    ...row,
    sdk: 'workflows.signal',
    summary: 'Tells a workflow something. With a `signalId` the same signal is taken once, however often it is sent.',
    payload: z.strictObject({ ...which, signal: Name, args: Arguments, signalId: Name.optional() }),
    result: z.object({ ok: z.literal(true) }),
    example: { id: 'plan.pdf', signal: 'decide', args: ['yes'] },
  },
  HANABI_WORKFLOW_QUERY: {
    ...row,
    sdk: 'workflows.query',
    summary: 'Asks a workflow for something that it knows, also after its end. It changes nothing.',
    payload: z.strictObject({ ...which, query: Name, args: Arguments }),
    result: z.object({ value: z.json() }),
    errors: ['HANABI-W028', 'HANABI-W029', 'HANABI-W031', 'HANABI-W032'],
    example: { id: 'plan.pdf', query: 'waits' },
  },
  HANABI_WORKFLOW_UPDATE: {
    ...row,
    sdk: 'workflows.update',
    summary: 'Has a workflow do something, and waits a while for its answer. With an `updateId` it is done once.',
    payload: z.strictObject({ ...which, update: Name, args: Arguments, updateId: Name.optional() }),
    result: z.object({
      update_id: z.string(),
      state: z.enum(['waiting', 'accepted', 'completed', 'failed']).describe('"failed" also where it was refused.'),
      value: z.json(),
      failure: WorkflowFailure.nullable(),
    }),
    example: { id: 'plan.pdf', update: 'decide', args: ['yes'], updateId: 'first' },
  },
  HANABI_WORKFLOW_RESULT: {
    ...row,
    sdk: 'workflows.result',
    summary: `What came of a workflow; waits up to ${LIMITS.workflow_result_wait_ms_max / 1000} s for its end, then "running".`,
    payload: z.strictObject(which),
    result: z.object({
      run_id: RunId,
      state: z.enum(WORKFLOW_STATES),
      value: z.json(),
      failure: WorkflowFailure.nullable(),
    }),
    example: { id: 'plan.pdf' },
  },
  HANABI_WORKFLOW_LIST: {
    ...row,
    sdk: 'workflows.list',
    summary: 'The workflows of this module, the newest first.',
    payload: z.strictObject({
      search: z
        .string()
        .max(200)
        .optional()
        .describe('A part of the id, of the name, or of a text in its search attributes or memo.'),
      query: WorkflowFilter.optional(),
      state: z.enum(WORKFLOW_STATES).optional(),
      limit: z.number().int().min(1).max(LIMITS.workflows_listed_max).optional(),
    }),
    result: z.object({ workflows: z.array(WorkflowSummary) }),
    errors: ['HANABI-V022', 'HANABI-W032'],
    example: { query: "WorkflowType = 'Approval' AND days > 3" },
  },
  HANABI_WORKFLOW_CANCEL: {
    ...row,
    sdk: 'workflows.cancel',
    summary:
      'Asks a workflow to end; it may tidy up first. With `terminate` it ends at once, and its code hears nothing.',
    payload: z.strictObject({ ...which, terminate: z.boolean().optional(), reason: z.string().max(1000).optional() }),
    result: z.object({ ok: z.literal(true) }),
    example: { id: 'plan.pdf' },
  },
  HANABI_WORKFLOW_COMPLETE_ACTIVITY: {
    ...row,
    sdk: 'workflows.completeActivity',
    summary: 'Gives the result of an activity that has begun, such as one that left its end to somebody else.',
    payload: z.strictObject({ ...whichActivity, value: z.json().optional() }),
    result: z.object({ ok: z.literal(true) }),
    errors: ofActivity,
    example: { id: 'plan.pdf', activityId: 'ask', value: 'yes' },
  },
  HANABI_WORKFLOW_FAIL_ACTIVITY: {
    ...row,
    sdk: 'workflows.failActivity',
    summary: 'Says that an activity has failed: it is tried again, as its retry policy says. Or that it was cancelled.',
    payload: z.strictObject({
      ...whichActivity,
      message: z.string().max(1000),
      errorType: Name.optional().describe('Of the failure, as `ApplicationError` has one.'),
      nonRetryable: z.boolean().optional(),
      cancelled: z.boolean().optional().describe('It was asked to end, and did.'),
    }),
    result: z.object({ ok: z.literal(true) }),
    errors: ofActivity,
    example: { id: 'plan.pdf', activityId: 'ask', message: 'nobody is there', nonRetryable: true },
  },
  HANABI_WORKFLOW_HEARTBEAT: {
    ...row,
    sdk: 'workflows.heartbeat',
    summary: 'Says that an activity goes on, and how far it is. The answer says whether it is to end.',
    payload: z.strictObject({ ...whichActivity, details: Arguments }),
    result: z.object({ cancel_requested: z.boolean() }),
    errors: ofActivity,
    example: { id: 'plan.pdf', activityId: 'ask', details: ['asked'] },
  },
} as const satisfies Record<string, CapabilityRow>;
