import { LIMITS } from '@hanabi/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AnswerWatch } from '../src/bridge/answer-watch.ts';

const silence_ms = LIMITS.page_silence_ms_max;
let asked: number;
let told: boolean[];
let seen: boolean;
/** Whether the page answers what it is asked. */
let answers: boolean;
let watch: AnswerWatch;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  [asked, told, seen, answers] = [0, [], true, true];
  watch = new AnswerWatch({
    isSeen: () => seen,
    onsilent: (silent) => told.push(silent),
    ask: () => {
      asked += 1;
      if (answers) watch.heard();
    },
  });
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

it('tells that a page does not load, and when it does', () => {
  vi.advanceTimersByTime(LIMITS.page_patience_ms);
  expect(told).toEqual([true]);
  watch.wait();
  vi.advanceTimersByTime(LIMITS.page_patience_ms);
  watch.loaded();
  vi.advanceTimersByTime(10 * silence_ms);
  expect([asked, told]).toEqual([0, [true, false, true, false]]);
});

it('never asks a page that has not said that it answers', () => {
  watch.loaded();
  vi.advanceTimersByTime(10 * silence_ms);
  expect([asked, told]).toEqual([0, []]);
});

it('tells once that a page is silent, and when it is back', () => {
  watch.heard();
  vi.advanceTimersByTime(5 * silence_ms);
  expect([asked, told]).toEqual([5, []]);
  answers = false;
  vi.advanceTimersByTime(10 * silence_ms);
  expect([asked, told]).toEqual([6, [true]]);
  watch.heard();
  expect(told).toEqual([true, false]);
  answers = true;
  vi.advanceTimersByTime(2 * silence_ms);
  expect([asked, told]).toEqual([8, [true, false]]);
});

it('asks in one moment what windows that were opened one after the other show', () => {
  const times: number[] = [];
  const others = [300, 1700, 2600].map((after_ms) => {
    vi.advanceTimersByTime(after_ms);
    const ask = () => {
      times.push(performance.now());
      other.heard();
    };
    const other = new AnswerWatch({ isSeen: () => true, onsilent: (silent) => told.push(silent), ask });
    other.heard();
    return other;
  });
  vi.advanceTimersByTime(4 * silence_ms);
  expect(new Set(times.slice(-2 * others.length)).size).toBe(2);
  expect(told).toEqual([]);
  for (const other of others) other.close();
});

it('leaves whoever waits alone for a while', () => {
  answers = false;
  watch.heard();
  vi.advanceTimersByTime(2 * silence_ms);
  watch.wait();
  vi.advanceTimersByTime(LIMITS.page_patience_ms - 1);
  expect(told).toEqual([true, false]);
  vi.advanceTimersByTime(silence_ms + 1);
  expect(told).toEqual([true, false, true]);
});

it('asks nothing while nobody sees the window, and begins anew when they do', () => {
  answers = false;
  watch.heard();
  vi.advanceTimersByTime(silence_ms);
  expect(asked).toBe(1);
  seen = false;
  vi.advanceTimersByTime(10 * silence_ms);
  seen = true;
  vi.advanceTimersByTime(silence_ms);
  expect([asked, told]).toEqual([2, []]);
  vi.advanceTimersByTime(silence_ms);
  expect(told).toEqual([true]);
});

it('blames no page for the sleep of the machine', () => {
  answers = false;
  watch.heard();
  vi.advanceTimersByTime(silence_ms);
  // The clock of the page runs on, its timers do not.
  const now = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => now + 3600_000);
  vi.advanceTimersByTime(silence_ms);
  expect(told).toEqual([]);
  vi.restoreAllMocks();
});

it('is over when the client of the page leaves', () => {
  watch.heard();
  watch.close();
  vi.advanceTimersByTime(10 * silence_ms);
  expect([asked, told]).toEqual([0, []]);
});
