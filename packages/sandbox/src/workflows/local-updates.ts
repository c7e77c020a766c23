import { type Deferred, deferred } from './deferred.ts';
import { EngineError } from './engine-error.ts';
import type { Fields } from './wire.ts';

/** The updates of one run, by id: whether its code has taken each of them, and what came of it. */
export class LocalUpdates {
  readonly #open = new Map<string, { accepted: Deferred<void>; outcome: Deferred<Fields> }>();

  has(updateId: string): boolean {
    return this.#open.has(updateId);
  }

  open(updateId: string): void {
    this.#open.set(updateId, { accepted: deferred(), outcome: deferred() });
  }

  /** Settles once it was taken or answered. */
  async acceptanceOf(updateId: string): Promise<void> {
    await this.#open.get(updateId)?.accepted.promise;
  }

  async outcomeOf(updateId: string): Promise<Fields> {
    const update = this.#open.get(updateId);
    if (!update) throw new EngineError('NOT_FOUND', `there is no update ${updateId}`);
    return await update.outcome.promise;
  }

  /** Commands that are about something else are nobody’s here. */
  answer(command: Fields): void {
    const response = command['updateResponse'] as Fields | undefined;
    const update = response && this.#open.get(response['protocolInstanceId'] as string);
    if (!update) return;
    update.accepted.resolve();
    if (response['rejected']) update.outcome.resolve({ failure: response['rejected'] });
    else if ('completed' in response) update.outcome.resolve({ completed: response['completed'] });
  }

  /** Those that were not answered never will be. */
  endWithRun(): void {
    const applicationFailureInfo = { type: 'AcceptedUpdateCompletedWorkflow' };
    for (const { accepted, outcome } of this.#open.values()) {
      outcome.resolve({ failure: { message: 'the workflow ended', applicationFailureInfo } });
      accepted.resolve();
    }
  }
}
