/** Slows down those who guess passwords. */
import { isIPv6 } from 'node:net';
import { HanabiError, LIMITS } from '@hanabi/protocol';

const WINDOW_MS = 60_000;

/** Counts sign-ins that are under way or failed within the last minute. */
export class SignInMeter {
  /** Times of the attempts by what is counted; the one that was touched last stands last. */
  private readonly attempts = new Map<string, number[]>();
  private readonly keysMax: number;

  constructor(keysMax: number = LIMITS.sign_in_failures_remembered_max) {
    this.keysMax = keysMax;
  }

  /**
   * Counts an attempt, before anything is verified: whoever sends many at once would otherwise have all of them
   * verified before the first is seen to fail. HANABI-A003 beyond what is allowed; such an attempt does not count.
   * Returns what is to be called when it succeeded.
   */
  attempt(ip: string, name: string): () => void {
    const address = addressKey(ip);
    // By both together at first, so that one who guesses does not lock out the others behind the same router.
    const pair = `pair ${address} ${name}`;
    const counted: [key: string, most: number][] = [
      [pair, LIMITS.sign_in_failures_per_minute_max],
      [`address ${address}`, LIMITS.sign_in_failures_of_address_per_minute_max],
      [`name ${name}`, LIMITS.sign_in_failures_of_name_per_minute_max],
    ];
    const now = Date.now();
    for (const [key, most] of counted) if (this.recent(key, now).length >= most) throw new HanabiError('HANABI-A003');
    for (const [key] of counted) this.put(key, [...this.recent(key, now), now]);
    return () => {
      for (const [key] of counted) this.put(key, this.recent(key, now).slice(1));
      this.attempts.delete(pair);
    };
  }

  private recent(key: string, now: number): number[] {
    return (this.attempts.get(key) ?? []).filter((time) => time > now - WINDOW_MS);
  }

  private put(key: string, times: number[]): void {
    this.attempts.delete(key);
    if (times.length === 0) return;
    this.attempts.set(key, times);
    // Only the oldest is forgotten: who fills the table must not free himself by it.
    if (this.attempts.size > this.keysMax) this.attempts.delete(this.attempts.keys().next().value!);
  }
}

/** One who has an IPv6 address has all of its /64. */
export function addressKey(ip: string): string {
  if (!isIPv6(ip)) return ip;
  // The URL parser writes every spelling of an address in the same way.
  const canonical = new URL(`http://[${ip.split('%')[0]}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical);
  if (mapped) return dotted(Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16));
  const [head = '', tail] = canonical.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return `${[...first, ...gap, ...last].slice(0, 4).join(':')}::/64`;
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
