/** What a page does for somebody, one thing after the other: whether it is at it, and why the last one failed. */
import type { HanabiError } from '@hanabi/protocol';
import { asHanabiError } from './as-hanabi-error.ts';

export abstract class Attempts {
  error = $state.raw<HanabiError | null>(null);
  busy = $state(false);
  /** The last failure of something that nobody waited for. */
  #unasked: HanabiError | null = null;

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

  /** What nobody waits for, because the server told of it: the person goes on meanwhile. Never throws, either. */
  protected async quietly(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
      if (this.error === this.#unasked) this.error = null;
    } catch (cause) {
      this.error = this.#unasked = asHanabiError(cause);
    }
  }
}
