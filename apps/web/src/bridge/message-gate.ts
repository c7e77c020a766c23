import { LIMITS } from '@hanabi/protocol';

const BURST = LIMITS.bridge_messages_per_s_max;
const READING_MS = LIMITS.bridge_reading_ms_per_10s_max;

/**
 * Lets the messages of one window through at a bounded rate. It holds back what comes too fast, unread, because
 * reading a message can cost seconds; so a burst is answered late, but answered. A window that fills the queue is
 * flooding its bridge, and so is one whose messages take more time to read than there is; then `onflood` is called,
 * once, with the reason.
 */
export class MessageGate<T> {
  private tokens: number = BURST;
  private refilledAt = performance.now();
  private waiting: T[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  /** What reading has taken, less what the time since then gave back. */
  private spent_ms = 0;
  private chargedAt = performance.now();
  private readonly take: (item: T) => void;
  private readonly onflood: (reason: string) => void;

  constructor(take: (item: T) => void, onflood: (reason: string) => void) {
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
      this.end('it flooded its bridge');
      return;
    }
    this.waiting.push(item);
    this.timer ??= setTimeout(() => this.release(), 20);
  }

  /** Reads a message and charges the time it takes, which nobody can know before. */
  read<Data>(reading: () => Data): Data {
    const from = performance.now();
    try {
      return reading();
    } finally {
      this.charge(from, performance.now());
    }
  }

  private charge(from: number, to: number): void {
    const regained_ms = ((from - this.chargedAt) / 10_000) * READING_MS;
    this.spent_ms = Math.max(0, this.spent_ms - regained_ms) + (to - from);
    this.chargedAt = to;
    if (this.spent_ms > READING_MS) this.end('its messages take too long to read');
  }

  private end(reason: string): void {
    if (this.closed) return;
    this.close();
    this.onflood(reason);
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
