/** A bounded amount of something, handed out in the order of asking, of which nobody holds more than a share. */
import { HanabiError } from '@hanabi/protocol';

export interface CapacityLimits {
  total: number;
  /** What one holder may have of it. */
  share: number;
  waiting_max: number;
  wait_ms_max: number;
}

interface Waiter {
  holder: string;
  weight: number;
  admit: () => void;
}

export class Capacity {
  private readonly limits: CapacityLimits;
  private free: number;
  private readonly held = new Map<string, number>();
  private readonly waiting = new Set<Waiter>();

  constructor(limits: CapacityLimits) {
    this.limits = limits;
    this.free = limits.total;
  }

  /**
   * Settles with what gives it back, to be called when it is not needed any more; a second call does nothing. Who asks
   * for more than a share gets all of it. HANABI-Q007 when too many wait, or this one for too long; on abort the
   * reason of the signal.
   */
  async enter(holder: string, weight: number, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    const wanted = Math.min(weight, this.limits.share);
    if (!this.mustWait(holder, wanted)) this.take(holder, wanted);
    else await this.wait(holder, wanted, signal);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.giveBack(holder, wanted);
    };
  }

  /** Who comes later overtakes only those others who wait for something to come back of their own share. */
  private mustWait(holder: string, weight: number): boolean {
    if (weight > this.free || !this.fitsShare(holder, weight)) return true;
    for (const waiter of this.waiting) {
      if (waiter.holder === holder || this.fitsShare(waiter.holder, waiter.weight)) return true;
    }
    return false;
  }

  private fitsShare(holder: string, weight: number): boolean {
    return (this.held.get(holder) ?? 0) + weight <= this.limits.share;
  }

  private take(holder: string, weight: number): void {
    this.free -= weight;
    this.held.set(holder, (this.held.get(holder) ?? 0) + weight);
  }

  private giveBack(holder: string, weight: number): void {
    this.free += weight;
    const left = this.held.get(holder)! - weight;
    if (left > 0) this.held.set(holder, left);
    else this.held.delete(holder);
    this.admitWaiting();
  }

  private admitWaiting(): void {
    const behind = new Set<string>();
    for (const waiter of this.waiting) {
      const { holder, weight } = waiter;
      if (behind.has(holder) || !this.fitsShare(holder, weight)) {
        behind.add(holder);
        continue;
      }
      if (weight > this.free) return;
      this.take(holder, weight);
      waiter.admit();
    }
  }

  private wait(holder: string, weight: number, signal: AbortSignal | undefined): Promise<void> {
    const { waiting_max, wait_ms_max } = this.limits;
    if (this.waiting.size >= waiting_max) throw new HanabiError('HANABI-Q007');
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.waiting.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      };
      const waiter: Waiter = {
        holder,
        weight,
        admit: () => {
          settle();
          resolve();
        },
      };
      const giveUp = (reason: unknown) => {
        settle();
        reject(reason);
        // It may have been the one that the others behind it waited for.
        this.admitWaiting();
      };
      const cancel = () => giveUp(signal!.reason);
      const busy = new HanabiError('HANABI-Q007', `waited ${wait_ms_max / 1000} s`);
      const timer = setTimeout(() => giveUp(busy), wait_ms_max);
      signal?.addEventListener('abort', cancel);
      this.waiting.add(waiter);
    });
  }
}
