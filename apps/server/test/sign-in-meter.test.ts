import { LIMITS } from '@hanabi/protocol';
import { describe, expect, it } from 'vitest';
import { addressKey, SignInMeter } from '../src/accounts/sign-in-meter.ts';

const { sign_in_failures_per_minute_max: PAIR, sign_in_failures_of_address_per_minute_max: ADDRESS } = LIMITS;
const NAME = LIMITS.sign_in_failures_of_name_per_minute_max;

/** How many attempts pass until one is refused. */
function passing(attempt: (index: number) => void, tries = 1000): number {
  for (let index = 0; index < tries; index += 1) {
    try {
      attempt(index);
    } catch (error) {
      expect(error).toMatchObject({ code: 'HANABI-A003' });
      return index;
    }
  }
  return tries;
}

describe('sign-ins', () => {
  it('are bounded for one name from one address, and then still possible for others there', () => {
    const meter = new SignInMeter();
    expect(passing(() => meter.attempt('10.0.0.1', 'admin'))).toBe(PAIR);
    expect(() => meter.attempt('10.0.0.1', 'other')).not.toThrow();
    expect(() => meter.attempt('10.0.0.2', 'admin')).not.toThrow();
  });

  it('are bounded for one address, however many names it tries', () => {
    const meter = new SignInMeter();
    expect(passing((index) => meter.attempt('10.0.0.1', `user-${index}`))).toBe(ADDRESS);
  });

  it('are bounded for one name, from however many addresses', () => {
    const meter = new SignInMeter();
    expect(passing((index) => meter.attempt(`10.0.${index >> 8}.${index & 255}`, 'admin'))).toBe(NAME);
  });

  it('count for nothing when they succeed', () => {
    const meter = new SignInMeter();
    expect(passing(() => meter.attempt('10.0.0.1', 'admin')(), 10 * NAME)).toBe(10 * NAME);
  });

  it('are remembered in a table that forgets the oldest only', () => {
    const meter = new SignInMeter(300);
    passing(() => meter.attempt('10.0.0.1', 'admin'));
    for (let index = 0; index < 90; index += 1) meter.attempt(`10.1.0.${index}`, `user-${index}`);
    expect(() => meter.attempt('10.0.0.1', 'admin')).toThrow();
    for (let index = 0; index < 90; index += 1) meter.attempt(`10.2.0.${index}`, `more-${index}`);
    expect(() => meter.attempt('10.0.0.1', 'admin')).not.toThrow();
  });
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('the address %s counts as %s', (ip, key) => {
  expect(addressKey(ip)).toBe(key);
});
