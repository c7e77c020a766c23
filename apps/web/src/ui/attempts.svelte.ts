/** What a page does for somebody, one thing after the other: whether it is at it, and why the last one failed. */
import type { HanabiError } from '@hanabi/protocol';
import { asHanabiError } from './as-hanabi-error.ts';

export abstract class Attempts {
  error = $state.raw<HanabiError | null>(null);
  busy = $state(false);

  /** Never throws: what went wrong is shown. */
  protected async attempt(act: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    this.error = null;
    try {
      await act();
    } catch (cause) {
      this.error = asHanabiError(cause);
    } finally {
      this.busy = false;
    }
  }
}
