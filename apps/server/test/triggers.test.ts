import type { Trigger } from '@hanabi/protocol';
import { describe, expect, it } from 'vitest';
import { checkTrigger, nextRun } from '../src/schedules/triggers.ts';

const at = (text: string) => Date.parse(text);
const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
const berlin = (cron: string): Trigger => ({ cron, timeZone: 'Europe/Berlin' });

function runs(trigger: Trigger, from: string, count: number): (string | null)[] {
  const found: (string | null)[] = [];
  for (let now: number | null = at(from); now !== null && found.length < count; ) {
    now = nextRun(trigger, now);
    found.push(iso(now));
  }
  return found;
}

describe('a cron expression in a time zone', () => {
  it('keeps to the clock on the wall: an hour later in UTC in winter', () => {
    expect(runs(berlin('0 9 * * *'), '2026-10-24T00:00:00Z', 2)).toEqual([
      '2026-10-24T07:00:00.000Z',
      '2026-10-25T08:00:00.000Z',
    ]);
  });

  it('runs on the day whose clock skips its time', () => {
    expect(runs(berlin('30 2 * * *'), '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('runs once on the day whose clock shows its time twice', () => {
    expect(runs(berlin('30 2 * * *'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('is read in UTC when it names no time zone', () => {
    expect(runs({ cron: '@daily' }, '2026-10-24T12:00:00Z', 1)).toEqual(['2026-10-25T00:00:00.000Z']);
  });
});

describe('an interval', () => {
  it('keeps its step, however late a run was, and makes up for none that was missed', () => {
    const due = at('2026-01-01T00:00:00Z');
    const hourly = { seconds: 3600 };
    expect(iso(nextRun(hourly, due + 5, due))).toBe('2026-01-01T01:00:00.000Z');
    expect(iso(nextRun(hourly, due + 10.5 * 3600_000, due))).toBe('2026-01-01T11:00:00.000Z');
  });
});

describe('checkTrigger', () => {
  it.each<[Trigger, string]>([
    [{ seconds: 59 }, 'HANABI-Q013'],
    [{ cron: '*/10 * * * * *' }, 'HANABI-Q013'],
    [{ cron: '0,30 0 0 1 * *' }, 'HANABI-Q013'],
    [{ cron: '0 0 30 2 *' }, 'HANABI-V002'],
    [{ cron: '61 * * * *' }, 'HANABI-V002'],
    [{ cron: '@never' }, 'HANABI-V002'],
    [{ cron: '0 0 * * *', timeZone: 'Mars/Olympus' }, 'HANABI-V002'],
  ])('refuses %o with %s', (trigger, code) => {
    expect(() => checkTrigger(trigger, at('2026-01-01T00:00:00Z'))).toThrow(expect.objectContaining({ code }));
  });

  it.each<Trigger>([{ seconds: 60 }, { cron: '* * * * *' }, berlin('0 3 29 2 *')])('lets %o through', (trigger) => {
    expect(() => checkTrigger(trigger, at('2026-01-01T00:00:00Z'))).not.toThrow();
  });
});
