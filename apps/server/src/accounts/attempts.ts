import { type ErrorCode, HanabiError } from '@hanabi/protocol';

/** Times of attempts by what they are counted for, within a window of time, in a table that does not grow without end. */
export class Attempts {
  /** The one that was touched last stands last. */
  private readonly times = new Map<string, number[]>();
  private readonly window_ms: number;
  private readonly keysMax: number;
  private readonly refusal: ErrorCode;

  constructor(window_ms: number, keysMax: number, refusal: ErrorCode = 'HANABI-A003') {
    this.window_ms = window_ms;
    this.keysMax = keysMax;
    this.refusal = refusal;
  }

  /**
   * Counts an attempt for each key, before anything is verified: whoever sends many at once would otherwise have all of
   * them verified before the first is seen to fail. The refusal where a key has as many as it may; such an attempt does
   * not count. Returns what takes it back.
   */
  count(counted: readonly (readonly [key: string, most: number])[]): () => void {
    const now = Date.now();
    for (const [key, most] of counted) if (this.recent(key, now).length >= most) throw new HanabiError(this.refusal);
    for (const [key] of counted) this.put(key, [...this.recent(key, now), now]);
    return () => {
      for (const [key] of counted) this.put(key, this.recent(key, now).slice(1));
    };
  }

  forget(key: string): void {
    this.times.delete(key);
  }

  private recent(key: string, now: number): number[] {
    return (this.times.get(key) ?? []).filter((time) => time > now - this.window_ms);
  }

  private put(key: string, times: number[]): void {
    this.times.delete(key);
    if (times.length === 0) return;
    this.times.set(key, times);
    // Only the oldest is forgotten: who fills the table must not free himself by it.
    if (this.times.size > this.keysMax) this.times.delete(this.times.keys().next().value!);
  }
}
