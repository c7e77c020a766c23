/** Slows down those who guess passwords. */
import { isIPv6 } from 'node:net';
import { LIMITS } from '@hanabi/protocol';
import { Attempts } from './attempts.ts';

const WINDOW_MS = 60_000;

/** Counts sign-ins that are under way or failed within the last minute. */
export class SignInMeter {
  private readonly attempts: Attempts;

  constructor(keysMax: number = LIMITS.sign_in_failures_remembered_max) {
    this.attempts = new Attempts(WINDOW_MS, keysMax);
  }

  /**
   * Counts an attempt, or ends with HANABI-A003. `device` is the browser's id where it is known to belong to the name:
   * then nothing that others do counts, so that nobody can lock it out. Returns what is to be called when it succeeded.
   */
  attempt(ip: string, name: string, device?: string): () => void {
    if (device !== undefined) {
      return this.attempts.count([[`device ${device}`, LIMITS.sign_in_failures_of_device_per_minute_max]]);
    }
    const address = addressKey(ip);
    // By both together at first, so that one who guesses does not lock out the others behind the same router.
    const pair = `pair ${address} ${name}`;
    const takeBack = this.attempts.count([
      [pair, LIMITS.sign_in_failures_per_minute_max],
      [`address ${address}`, LIMITS.sign_in_failures_of_address_per_minute_max],
      [`name ${name}`, LIMITS.sign_in_failures_of_name_per_minute_max],
    ]);
    return () => {
      takeBack();
      this.attempts.forget(pair);
    };
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
