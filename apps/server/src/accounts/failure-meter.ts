import { LIMITS } from '@hanabi/protocol';

const WINDOW_MS = 60_000;
const KEYS_MAX = 10_000;

/** Counts failed sign-ins of an address within the last minute. */
export class FailureMeter {
  private readonly failures = new Map<string, number[]>();

  blocked(key: string): boolean {
    return this.recent(key).length >= LIMITS.sign_in_failures_per_minute_max;
  }

  failed(key: string): void {
    if (this.failures.size >= KEYS_MAX) this.failures.clear();
    this.failures.set(key, [...this.recent(key), Date.now()]);
  }

  succeeded(key: string): void {
    this.failures.delete(key);
  }

  private recent(key: string): number[] {
    const since = Date.now() - WINDOW_MS;
    return (this.failures.get(key) ?? []).filter((time) => time > since);
  }
}
