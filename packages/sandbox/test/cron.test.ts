import { expect, it } from 'vitest';
import { nextCronRun, requireCalm } from '../src/workflows/cron.ts';

const at = (time: string) => Date.parse(time);
const NOON = at('2026-03-01T12:00:00Z');

it.each([
  ['*/15 * * * *', '2026-03-01T12:15:00Z'],
  ['0 12 * * *', '2026-03-02T12:00:00Z'],
  ['@daily', '2026-03-02T00:00:00Z'],
  ['@every 1h30m', '2026-03-01T13:30:00Z'],
  ['CRON_TZ=Asia/Tokyo 0 9 * * *', '2026-03-02T00:00:00Z'],
  ['TZ=America/New_York 30 8 * * MON', '2026-03-02T13:30:00Z'],
])('comes by "%s" at %s', (schedule, time) => {
  expect(new Date(nextCronRun(schedule, NOON))).toEqual(new Date(time));
});

it.each([
  '',
  'whenever',
  '* * * *',
  '* * * * * *',
  '61 * * * *',
  '0 0 30 2 *',
  '@every 0s',
  '@every soon',
  'CRON_TZ=Moon/Crater 0 9 * * *',
])('refuses "%s"', (schedule) => {
  expect(() => nextCronRun(schedule, NOON)).toThrow('is no cron schedule');
});

it.each(['@every 59s', '@every 0.5m', 'whenever'])('a server refuses "%s"', (schedule) => {
  expect(() => requireCalm(schedule)).toThrow(`"${schedule}"`);
});

it.each([undefined, '', '@every 60s', '* * * * *'])('and takes "%s"', (schedule) => {
  expect(() => requireCalm(schedule)).not.toThrow();
});
