import { LIMITS } from '@hanabi/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MessageGate } from '../src/bridge/message-gate.ts';

const budget_ms = LIMITS.bridge_reading_ms_per_10s_max;
let taken: number[];
let reasons: string[];
let gate: MessageGate<number>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  taken = [];
  reasons = [];
  gate = new MessageGate<number>(
    (item) => taken.push(item),
    (reason) => reasons.push(reason),
  );
});
afterEach(() => vi.useRealTimers());

/** Reads a message that keeps the desktop busy for so long. */
function readFor(took_ms: number): void {
  gate.read(() => vi.advanceTimersByTime(took_ms));
}

it('closes when reading takes more time than there is, many small messages included', () => {
  for (let count = 0; count < 10; count += 1) readFor(budget_ms / 10);
  expect(reasons).toEqual([]);
  readFor(budget_ms / 2);
  expect(reasons).toEqual(['its messages take too long to read']);
  gate.offer(1);
  readFor(budget_ms);
  expect(taken).toEqual([]);
  expect(reasons).toHaveLength(1);
});

it('gives the time back with the seconds that pass', () => {
  for (let round = 0; round < 5; round += 1) {
    readFor(budget_ms * 0.9);
    vi.advanceTimersByTime(10_000);
  }
  expect(reasons).toEqual([]);
});

it('charges a message that cannot be read as well', () => {
  expect(() =>
    gate.read(() => {
      vi.advanceTimersByTime(budget_ms + 1);
      throw new Error('not a clone');
    }),
  ).toThrow('not a clone');
  expect(reasons).toHaveLength(1);
});

it('lets a burst wait unread, and closes on one that does not fit', () => {
  const fits = LIMITS.bridge_messages_per_s_max + LIMITS.bridge_waiting_messages_max;
  for (let count = 0; count < fits; count += 1) gate.offer(count);
  expect(taken).toHaveLength(LIMITS.bridge_messages_per_s_max);
  gate.offer(fits);
  expect(reasons).toEqual(['it flooded its bridge']);
  vi.advanceTimersByTime(10_000);
  expect(taken).toHaveLength(LIMITS.bridge_messages_per_s_max);
});
