import { LIMITS } from '@hanabi/protocol';

const BURST = LIMITS.bridge_messages_per_s_max;

/**
 * Lets the messages of one window through at a bounded rate. It holds back what comes too fast, unread, because
 * reading a message can cost seconds; so a burst is answered late, but answered. A window that fills the queue is
 * flooding its bridge, and `onflood` is called once.
 */
export class MessageGate<T> {
  private tokens: number = BURST;
  private refilledAt = performance.now();
  private waiting: T[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private readonly take: (item: T) => void;
  private readonly onflood: () => void;

  constructor(take: (item: T) => void, onflood: () => void) {
    this.take = take;
    this.onflood = onflood;
  }

  offer(item: T): void {
    if (this.closed) return;
    this.refill();
    if (this.waiting.length === 0 && this.tokens >= 1) {
      this.tokens -= 1;
      this.take(item);
      return;
    }
    if (this.waiting.length >= LIMITS.bridge_waiting_messages_max) {
      this.close();
      this.onflood();
      return;
    }
    this.waiting.push(item);
    this.timer ??= setTimeout(() => this.release(), 20);
  }

  close(): void {
    this.closed = true;
    this.waiting = [];
    clearTimeout(this.timer);
  }

  private release(): void {
    this.timer = undefined;
    this.refill();
    const released = this.waiting.splice(0, Math.floor(this.tokens));
    this.tokens -= released.length;
    for (const item of released) if (!this.closed) this.take(item);
    if (this.waiting.length > 0 && !this.closed) this.timer = setTimeout(() => this.release(), 20);
  }

  private refill(): void {
    const now = performance.now();
    this.tokens = Math.min(BURST, this.tokens + ((now - this.refilledAt) / 1000) * LIMITS.bridge_messages_per_s_max);
    this.refilledAt = now;
  }
}
