/**
 * Between everything that changes something for a user and every server on which that user has a desktop open. Whoever
 * publishes need not know who listens or where.
 *
 * A message is plain JSON of less than `BUS_MESSAGE_BYTES_MAX`, so that an engine may carry it in one NOTIFY. It is a
 * hint: an engine may lose messages while it has no connection, and then publishes `gap`, after which everybody asks
 * again. It may not reorder the messages of one publisher, and delivers what it publishes to its own listeners, too.
 */
import type { LiveEvent } from '@hanabi/protocol';

export type BusMessage =
  /** For all desktops of a user; null: for all of everybody. */
  | { kind: 'event'; user_id: string | null; event: LiveEvent }
  /** A session has ended; its channels close. */
  | { kind: 'session-ended'; token_hash: string }
  /** Messages may have been lost. */
  | { kind: 'gap' };

export const BUS_MESSAGE_BYTES_MAX = 7800;

export interface LiveBus {
  publish(message: BusMessage): void;
  /** Returns the way to stop listening. */
  subscribe(listener: (message: BusMessage) => void): () => void;
}

/** For one server alone: its listeners are called at once. */
export class LocalBus implements LiveBus {
  private readonly listeners = new Set<(message: BusMessage) => void>();

  publish(message: BusMessage): void {
    for (const listener of this.listeners) listener(message);
  }

  subscribe(listener: (message: BusMessage) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
