import type { Fields, Payload } from './wire.ts';
import type { WorkflowWorker } from './worker.ts';

/** What a script may ask, by the name of the question. */
export type Asks = Readonly<Record<string, (fields: Fields) => unknown>>;

/** Where the workflows of a script run. */
export interface ScriptHost {
  /** `workerOf` is the script itself, as the worker of a task queue. */
  asks(workerOf: (taskQueue: string) => WorkflowWorker): Asks;
  /** An attempt of an activity is alive. */
  heartbeat(token: string, details: readonly Payload[]): void;
  /** The script has ended. */
  close(): Promise<void>;
}
