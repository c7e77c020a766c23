import { randomUUID } from 'node:crypto';
import { type Deferred, deferred } from '../../src/workflows/deferred.ts';
import type { Fields } from '../../src/workflows/wire.ts';

/** An event of history that is not written down yet. */
export type Happening = readonly [eventType: string, attributes: Fields];

/** One run as a cluster keeps it. */
export class Run {
  readonly runId = randomUUID();
  readonly events: Fields[] = [];
  readonly closed = deferred<Fields>();
  readonly timers = new Map<string, NodeJS.Timeout>();
  readonly updates = new Map<string, { request: Fields; told: boolean; outcome: Deferred<Fields> }>();
  /** Ids of signals that have come. */
  readonly signals = new Set<string>();
  readonly start: Fields;
  /** Where a worker keeps it in memory. */
  stickyQueue: string | undefined;
  /** What happened while a task was being worked on. */
  waiting: Happening[] = [];
  task: 'none' | 'scheduled' | 'started' = 'none';
  lastStarted = 0;
  lastScheduled = 0;

  constructor(start: Fields) {
    this.start = start;
  }

  get isClosed(): boolean {
    return this.events.some(({ eventType }) => CLOSING.test(eventType as string));
  }
}

const CLOSING = /^EVENT_TYPE_WORKFLOW_EXECUTION_(?:COMPLETED|FAILED|CANCELED|TERMINATED|CONTINUED_AS_NEW)$/;

/** What lists and descriptions say of it. */
export function about(run: Run): Fields {
  const closing = run.isClosed ? String(run.events.at(-1)!['eventType']) : undefined;
  return {
    execution: { workflowId: run.start['workflowId'], runId: run.runId },
    type: run.start['workflowType'],
    taskQueue: run.start['taskQueue'].name,
    status: `WORKFLOW_EXECUTION_STATUS_${closing?.replace('EVENT_TYPE_WORKFLOW_EXECUTION_', '') ?? 'RUNNING'}`,
    startTime: run.events[0]!['eventTime'],
    historyLength: run.events.length,
    memo: run.start['memo'],
  };
}

/** Of the task that is being worked on. */
export function tokenOf({ runId, lastScheduled }: Run): string {
  return `${runId} ${lastScheduled}`;
}

/** Where its next task is put. */
export function queueOf(run: Run): string {
  return run.stickyQueue ?? run.start['taskQueue'].name;
}

export function base64(words: string): string {
  return Buffer.from(words, 'utf8').toString('base64');
}

export function text(data: string): string {
  return Buffer.from(data, 'base64').toString('utf8');
}
