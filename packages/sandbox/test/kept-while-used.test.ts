/** What is shared is opened once, stays while it is used, however long that is, and ends when it has been idle. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KeptWhileUsed } from '../src/fork-server/kept-while-used.ts';

const IDLE_MS = 1000;

class Thing {
  isAlive = true;
  closed = 0;

  async close(): Promise<void> {
    this.closed += 1;
    this.isAlive = false;
  }
}

const things: Thing[] = [];
const open = vi.fn(async () => {
  things.push(new Thing());
  return things.at(-1)!;
});

beforeEach(() => {
  vi.useFakeTimers();
  open.mockClear();
  things.length = 0;
});
afterEach(() => vi.useRealTimers());

it('is one for all who use it at the same time', async () => {
  const kept = new KeptWhileUsed<Thing>();
  const [one, other] = await Promise.all([kept.use('a', open, IDLE_MS), kept.use('a', open, IDLE_MS)]);
  expect(one.value).toBe(other.value);
  expect((await kept.use('b', open, IDLE_MS)).value).not.toBe(one.value);
  expect(open).toHaveBeenCalledTimes(2);
});

it('stays while somebody uses it, however long, and ends when it was idle for so long', async () => {
  const kept = new KeptWhileUsed<Thing>();
  const one = await kept.use('a', open, IDLE_MS);
  const other = await kept.use('a', open, IDLE_MS);
  one.leave();
  await vi.advanceTimersByTimeAsync(100 * IDLE_MS);
  expect(one.value.closed).toBe(0);
  other.leave();
  await vi.advanceTimersByTimeAsync(IDLE_MS - 1);
  // Who comes now begins the time anew.
  const late = await kept.use('a', open, IDLE_MS);
  expect(late.value).toBe(one.value);
  await vi.advanceTimersByTimeAsync(IDLE_MS);
  late.leave();
  await vi.advanceTimersByTimeAsync(IDLE_MS - 1);
  expect(one.value.closed).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(one.value.closed).toBe(1);
  expect((await kept.use('a', open, IDLE_MS)).value).not.toBe(one.value);
});

it('stays for good where no time is given', async () => {
  const kept = new KeptWhileUsed<Thing>();
  const { value, leave } = await kept.use('a', open, undefined);
  leave();
  await vi.advanceTimersByTimeAsync(100 * IDLE_MS);
  expect(value.closed).toBe(0);
  await kept.close();
  expect(value.closed).toBe(1);
});

it('is opened again where it has died, and who leaves the dead one ends nothing', async () => {
  const kept = new KeptWhileUsed<Thing>();
  const dead = await kept.use('a', open, IDLE_MS);
  dead.value.isAlive = false;
  const next = await kept.use('a', open, IDLE_MS);
  expect(next.value).not.toBe(dead.value);
  dead.leave();
  await vi.advanceTimersByTimeAsync(10 * IDLE_MS);
  expect(next.value.closed).toBe(0);
});

it('is tried again by the next one where it could not be opened', async () => {
  const kept = new KeptWhileUsed<Thing>();
  open.mockRejectedValueOnce(new Error('no room'));
  await expect(kept.use('a', open, IDLE_MS)).rejects.toThrow('no room');
  expect((await kept.use('a', open, IDLE_MS)).value.isAlive).toBe(true);
});
