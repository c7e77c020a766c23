/** The workflows of all modules, as their user sees and handles them in the Workflows window. */
import * as z from 'zod';
import { WORKFLOW_STATES, WorkflowFailure, WorkflowFilter, WorkflowSummary } from '../capabilities/workflows.ts';

export const UserWorkflow = WorkflowSummary.extend({ module_id: z.string(), module_name: z.string() });
export type UserWorkflow = z.infer<typeof UserWorkflow>;

/** The newest first; as many as the server cares to list. */
export const UserWorkflows = z.object({ workflows: z.array(UserWorkflow) });
export type UserWorkflows = z.infer<typeof UserWorkflows>;

export const WorkflowsWish = z.strictObject({
  search: z.string().max(200).optional(),
  query: WorkflowFilter.optional(),
  state: z.enum(WORKFLOW_STATES).optional(),
});
export type WorkflowsWish = z.infer<typeof WorkflowsWish>;

/** What happened to a run. The tasks in which its code was told are left out. */
export const WorkflowEvent = z.object({
  event_id: z.number().int(),
  at: z.iso.datetime(),
  /** As Temporal calls it, such as TIMER_STARTED. */
  type: z.string(),
  /** Of the activity, timer, signal or workflow that it is about; empty where it has none. */
  name: z.string(),
  /** A result, arguments or a failure, cut where it is long. */
  detail: z.string(),
});
export type WorkflowEvent = z.infer<typeof WorkflowEvent>;

/** An activity that has no end yet. */
export const PendingActivity = z.object({
  event_id: z.number().int(),
  name: z.string(),
  attempt: z.number().int(),
  /** It waits until `due_at`, or for a place; its code runs; or its code has returned, and somebody else gives its result. */
  state: z.enum(['later', 'waiting', 'running', 'open']),
  due_at: z.iso.datetime(),
  heartbeat: z.string(),
  last_failure: WorkflowFailure.nullable(),
});
export type PendingActivity = z.infer<typeof PendingActivity>;

export const WorkflowDetails = z.object({
  summary: UserWorkflow,
  value: z.json(),
  failure: WorkflowFailure.nullable(),
  /** Why its code could not go on; it is tried again. */
  task_failure: WorkflowFailure.nullable(),
  /** Where history and code part, if that is why: the event, what history has there, and what the code did instead. */
  nondeterminism: z.object({ event_id: z.number().int().nullable(), history: z.string(), code: z.string() }).nullable(),
  activities: z.array(PendingActivity),
  /** Timers that are set. */
  timers: z.array(z.object({ event_id: z.number().int(), due_at: z.iso.datetime() })),
  /** The newest first. */
  events: z.array(WorkflowEvent),
});
export type WorkflowDetails = z.infer<typeof WorkflowDetails>;

/** Where each of its tasks waits, in lines of its own code. */
export const WorkflowStack = z.object({ stack: z.string() });
export type WorkflowStack = z.infer<typeof WorkflowStack>;

/** A signal or a query by its name. */
export const WorkflowMessage = z.strictObject({ name: z.string().min(1).max(200), args: z.array(z.json()).max(32) });
export type WorkflowMessage = z.infer<typeof WorkflowMessage>;

export const WorkflowAnswer = z.object({ value: z.json() });
export type WorkflowAnswer = z.infer<typeof WorkflowAnswer>;

/** Back to before the task that this event belongs to. */
export const WorkflowReset = z.strictObject({ event_id: z.number().int().positive() });
export type WorkflowReset = z.infer<typeof WorkflowReset>;

/** The run as which a workflow goes on. */
export const WorkflowRun = z.object({ run_id: z.string() });
export type WorkflowRun = z.infer<typeof WorkflowRun>;
