/** When services tick, by a clock that the test holds: what is tried here takes days, and is the same every time. */
import { HanabiError, type ServiceFunction } from '@hanabi/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ServiceNews, ServiceRunner, type ServiceSession, type Standing } from '../src/index.ts';
import { TickGrid } from '../src/service/tick-grid.ts';
import { deferred } from '../src/workflows/deferred.ts';

const INTERVAL_MS = 10_000;
const HOUR_MS = 3_600_000;

type RunnerParts = ConstructorParameters<typeof ServiceRunner>[0];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A program that does nothing for as long as it is told. */
function sleeper(tick_ms: (tick: number) => number, signal: AbortSignal): ServiceSession {
  const calls: { id: number; name: ServiceFunction }[] = [];
  const closed = deferred<void>();
  signal.addEventListener('abort', () => closed.resolve());
  let called = deferred<void>();
  let ticks = 0;
  async function* events() {
    yield { kind: 'loaded' as const, functions: ['tick' as const] };
    for (;;) {
      await Promise.race([called.promise, closed.promise]);
      const call = calls.shift();
      if (!call) return;
      called = deferred();
      ticks += 1;
      const end = new Promise((resolve) => setTimeout(resolve, tick_ms(ticks)));
      await Promise.race([end, closed.promise]);
      if (signal.aborted) return;
      yield { kind: 'returned' as const, id: call.id, usage: { cpu_ms: null, memory_bytes_peak: null } };
    }
  }
  return {
    events: events(),
    send(order) {
      if (order.kind === 'call') calls.push(order);
      called.resolve();
    },
    async close() {
      closed.resolve();
    },
  };
}

/** Begins and ends of its ticks, in ms from the start. */
function life(tick_ms: (tick: number) => number = () => 0, parts: Partial<RunnerParts> = {}) {
  const startedAt = performance.now();
  const begun: number[] = [];
  const ended: number[] = [];
  const standing: { now: Standing } = { now: 'kept' };
  const news: ServiceNews[] = [];
  const runner = new ServiceRunner({
    interval_ms: INTERVAL_MS,
    open: async (signal) => sleeper(tick_ms, signal),
    answer: async () => ({ value: null }),
    async tell(one) {
      news.push(one);
      if (one.kind === 'ticking' && standing.now === 'kept') begun.push(performance.now() - startedAt);
      if (one.kind === 'ticked') ended.push(performance.now() - startedAt);
      return standing.now;
    },
    ...parts,
  });
  runner.start();
  return { runner, begun, ended, news, standing };
}

const rounded = ({ begun }: { begun: number[] }) => begun.map((time) => Math.round(time / 1000) * 1000);

describe('ticks', () => {
  it('hold their interval over a thousand of them, however long each takes', async () => {
    const { runner, begun } = life((tick) => (tick * 977) % INTERVAL_MS);
    await vi.advanceTimersByTimeAsync(1000 * INTERVAL_MS - 1);
    await runner.stop();
    expect(begun).toHaveLength(1000);
    for (const [at, time] of begun.entries()) expect(Math.abs(time - at * INTERVAL_MS)).toBeLessThanOrEqual(2);
  });

  it('never overlap: one that takes longer leaves out the times that it ran over', async () => {
    const { runner, begun, ended } = life((tick) => (tick % 3 === 0 ? 2.5 * INTERVAL_MS : 10));
    await vi.advanceTimersByTimeAsync(20 * INTERVAL_MS);
    await runner.stop();
    for (const [at, time] of begun.entries()) if (at > 0) expect(time).toBeGreaterThanOrEqual(ended[at - 1]!);
    const times = begun.map((time) => Math.round(time / INTERVAL_MS));
    expect(times.slice(0, 6)).toEqual([0, 1, 2, 5, 6, 7]);
  });

  it('do not bunch up after a machine that slept, and stay on their grid', () => {
    const grid = new TickGrid(0, INTERVAL_MS);
    for (const [now, next] of [
      [3, 1],
      [INTERVAL_MS - 0.5, 2],
      [7 * HOUR_MS + 4321, (7 * HOUR_MS) / INTERVAL_MS + 1],
      [7 * HOUR_MS + 4322, (7 * HOUR_MS) / INTERVAL_MS + 1],
    ] as const) {
      grid.moveOn(now);
      expect(grid.next).toBe(next * INTERVAL_MS);
    }
  });

  it('come when they are due after a restart: one that was missed at once, and once', async () => {
    const due = life(() => 0, { next_tick_ms: Date.now() + 4000 });
    const missed = life(() => 0, { next_tick_ms: Date.now() - 10 * INTERVAL_MS });
    // A clock that was put back is not waited for.
    const odd = life(() => 0, { next_tick_ms: Date.now() + HOUR_MS });
    await vi.advanceTimersByTimeAsync(2.5 * INTERVAL_MS);
    await Promise.all([due, missed, odd].map(({ runner }) => runner.stop()));
    expect(rounded(due)).toEqual([4000, 14_000, 24_000]);
    expect(rounded(missed)).toEqual([0, 10_000, 20_000]);
    expect(rounded(odd)).toEqual([10_000, 20_000]);
  });

  it('that are not written down do not happen, and another server’s end this life', async () => {
    const { runner, begun, standing, news } = life();
    await vi.advanceTimersByTimeAsync(INTERVAL_MS + 1);
    expect(begun).toHaveLength(2);
    standing.now = 'unknown';
    await vi.advanceTimersByTimeAsync(3 * INTERVAL_MS);
    expect(news.filter(({ kind }) => kind === 'ticked')).toHaveLength(2);
    standing.now = 'kept';
    await vi.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(begun).toHaveLength(3);
    standing.now = 'lost';
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS);
    const told = news.length;
    expect(news.filter(({ kind }) => kind === 'ticked')).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS);
    expect(news).toHaveLength(told);
    await runner.stop();
  });

  it('that run come to their end when a server leaves, and no other begins', async () => {
    const { runner, begun, ended } = life(() => 2000);
    await vi.advanceTimersByTimeAsync(INTERVAL_MS + 500);
    const left = runner.leave(3000);
    await vi.advanceTimersByTimeAsync(1600);
    await left;
    expect([begun.length, ended.length]).toEqual([2, 2]);
    const stuck = life(() => 50_000);
    await vi.advanceTimersByTimeAsync(100);
    const cut = stuck.runner.leave(3000);
    await vi.advanceTimersByTimeAsync(3000);
    await cut;
    expect([stuck.begun.length, stuck.ended.length]).toEqual([1, 0]);
  });
});

describe('what the host is to blame for', () => {
  it('is waited out with growing pauses, and never given up on', async () => {
    let tries = 0;
    const { runner, news } = life(() => 0, {
      async open(signal) {
        tries += 1;
        if (tries <= 30) throw new HanabiError('HANABI-W015');
        return sleeper(() => 0, signal);
      },
    });
    await vi.advanceTimersByTimeAsync(3 * HOUR_MS);
    await runner.stop();
    expect(news.filter(({ kind }) => kind === 'failed')).toHaveLength(30);
    expect(news.filter(({ kind }) => kind === 'gave_up')).toHaveLength(0);
    expect(news.filter(({ kind }) => kind === 'ticked').length).toBeGreaterThan(100);
  });
});
