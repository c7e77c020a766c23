import type { BusMessage, LiveBus } from './bus.ts';
import type { Signals } from '../storage/signals.ts';

/** For several servers of one PostgreSQL database. */
export class SignalsBus implements LiveBus {
  private readonly signals: Signals;
  private readonly listeners = new Set<(message: BusMessage) => void>();

  constructor(signals: Signals) {
    this.signals = signals;
    signals.on('live', (message) => {
      this.deliver(message === undefined ? { kind: 'gap' } : (JSON.parse(message) as BusMessage));
    });
  }

  publish(message: BusMessage): void {
    this.deliver(message);
    this.signals.tell('live', JSON.stringify(message));
  }

  subscribe(listener: (message: BusMessage) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private deliver(message: BusMessage): void {
    for (const listener of this.listeners) listener(message);
  }
}
