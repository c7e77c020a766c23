/** What the server looks after by the clock, with the clock in the hands of the test. */
import { LIMITS, type LiveEvent } from '@hanabi/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LocalBus } from '../src/live/bus.ts';
import { Live, type LiveListener } from '../src/live/live.ts';

class Heard implements LiveListener {
  readonly user_id: string;
  readonly token_hash: string;
  readonly events: LiveEvent[] = [];
  beats = 0;
  ended: string[] = [];

  constructor(user_id: string, token_hash: string) {
    this.user_id = user_id;
    this.token_hash = token_hash;
  }

  tell(event: LiveEvent): void {
    this.events.push(event);
  }

  sessionEnded(): void {
    this.ended.push('session');
  }

  restarting(): void {
    this.ended.push('restart');
  }

  beat(): void {
    this.beats += 1;
  }
}

const bus = new LocalBus();
const gone = new Set<string>();
let live: Live;
beforeEach(() => {
  vi.useFakeTimers();
  gone.clear();
  live = new Live(bus, async (hash) => {
    if (hash === 'unknown') throw new Error('the database is away');
    return !gone.has(hash);
  });
});
afterEach(() => {
  live.close();
  vi.useRealTimers();
});

it('every channel hears a beat, and the session that ran out meanwhile ends', async () => {
  const [one, other, unsure] = [new Heard('u', 'a'), new Heard('u', 'b'), new Heard('v', 'unknown')];
  for (const listener of [one, other, unsure]) live.attach(listener);
  await vi.advanceTimersByTimeAsync(LIMITS.live_beat_ms);
  expect([one.beats, other.beats, one.ended, other.ended]).toEqual([1, 1, [], []]);
  gone.add('b');
  await vi.advanceTimersByTimeAsync(LIMITS.live_beat_ms);
  // A database that cannot be asked throws nobody out.
  expect([one.ended, other.ended, unsure.ended]).toEqual([[], ['session'], []]);
});

it('progress comes at most so often, the newest last, and nothing of it after the end', async () => {
  const listener = new Heard('u', 'a');
  live.attach(listener);
  const job = { id: 'j', module_id: 'm', kind: 'task', error_code: null } as const;
  for (let pct = 1; pct <= 50; pct += 1) live.jobMoved('u', { ...job, state: 'running', progress_pct: pct });
  expect(listener.events).toMatchObject([{ progress_pct: 1 }]);
  await vi.advanceTimersByTimeAsync(LIMITS.live_progress_interval_ms);
  expect(listener.events).toMatchObject([{ progress_pct: 1 }, { progress_pct: 50 }]);
  live.jobMoved('u', { ...job, state: 'running', progress_pct: 60 });
  live.jobChanged('u', { ...job, state: 'completed', progress_pct: 100 });
  await vi.advanceTimersByTimeAsync(10 * LIMITS.live_progress_interval_ms);
  expect(listener.events.slice(2)).toMatchObject([{ state: 'completed' }]);
});

it('what a bus may have lost is said to everybody, and one who left hears nothing more', () => {
  const [stays, leaves] = [new Heard('u', 'a'), new Heard('v', 'b')];
  live.attach(stays);
  live.attach(leaves)();
  bus.publish({ kind: 'gap' });
  expect([stays.events, leaves.events]).toEqual([[{ topic: 'missed' }], []]);
  bus.publish({ kind: 'session-ended', token_hash: 'b' });
  expect([stays.ended, leaves.ended]).toEqual([[], []]);
});
