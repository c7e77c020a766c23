import type { CancelReason } from '@hanabi/protocol';
import type { Activation, Completion, Fields } from './wire.ts';

/** Who executes workflows and activities of a task queue: a process at the other end of a channel. */
export interface WorkflowWorker {
  activate(activation: Activation): Promise<Completion>;
  /** Runs one attempt and answers completed, failed, cancelled or willCompleteAsync. */
  runActivity(token: string, start: Fields): Promise<Fields>;
  cancelActivity(token: string, reason: CancelReason): void;
}
