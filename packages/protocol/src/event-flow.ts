import { LIMITS } from './limits.ts';

/**
 * Keeps the events of one job from piling up in front of a reader that is slow: it tells how many it has taken, and what
 * it has not taken yet is bounded. While we wait nothing is pulled, and in the end the worker itself waits. Used twice on
 * the way of an event: from the server to the desktop, and from the desktop to the page.
 */
export class EventFlow {
  private sent = 0;
  private taken = 0;
  private wake: (() => void) | undefined;
  private closed = false;

  /** One more was sent. Settles when there is room for the next. */
  async sentOne(): Promise<void> {
    this.sent += 1;
    while (!this.closed && this.sent - this.taken >= LIMITS.job_events_ahead_max) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** The reader says how many it has taken in all; it cannot have taken what was never sent. */
  tookUpTo(count: unknown): void {
    if (typeof count !== 'number' || !(count > this.taken)) return;
    this.taken = Math.min(count, this.sent);
    this.wake?.();
  }

  close(): void {
    this.closed = true;
    this.wake?.();
  }
}
