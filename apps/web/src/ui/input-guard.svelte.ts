/**
 * What keeps a dialog that grants something from being answered by keys and clicks that were meant for something else:
 * a short time in which it takes no answer. The time begins when the dialog opens, and again whenever what it shows
 * changed or the window got the focus back, for then as well the person has not seen yet what they would answer.
 */
import { LIMITS } from '@hanabi/protocol';

export class InputGuard {
  /** While it is up nothing may be confirmed. */
  up = $state(true);
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly restart = (): void => {
    this.up = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.up = false), LIMITS.consent_guard_ms);
  };

  /** Begins to guard; returns what ends it. */
  start(): () => void {
    this.restart();
    addEventListener('focus', this.restart);
    document.addEventListener('visibilitychange', this.restart);
    return () => {
      clearTimeout(this.#timer);
      removeEventListener('focus', this.restart);
      document.removeEventListener('visibilitychange', this.restart);
    };
  }
}
