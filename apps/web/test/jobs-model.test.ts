import type { UserJobDetails } from '@hanabi/protocol';
import { expect, test, vi } from 'vitest';
import { JobNotices } from '../src/jobs/job-notices.ts';
import { JobWatch, type JobNews } from '../src/jobs/job-watch.svelte.ts';
import { durationText, intervalText } from '../src/jobs/job-text.ts';
import { JobsModel } from '../src/jobs/jobs-model.svelte.ts';
import { MemoryApi } from './memory-api.ts';

function job(id: string, state: UserJobDetails['state'], minute = 0): UserJobDetails {
  return {
    id,
    state,
    kind: 'task',
    module_id: 'm',
    module_name: 'M',
    queue_position: null,
    progress_pct: 0,
    options: {},
    inputs: [],
    log: '',
    outputs: [],
    error: null,
    schedule_id: null,
    attempts: 1,
    created_at: `2026-06-01T10:${String(minute).padStart(2, '0')}:00.000Z`,
    started_at: null,
    finished_at: null,
  };
}

const news = (id: string, state: JobNews['state'], progress_pct = 0) =>
  ({ topic: 'job', id, module_id: 'm', kind: 'task', state, progress_pct, error_code: null }) as const;

test('the list follows the news: progress at once, a change of state by asking, a new job at the top', async () => {
  const api = new MemoryApi();
  api.work = [job('old', 'running')];
  const model = new JobsModel(api);
  await model.load();
  model.take(news('old', 'running', 60));
  expect(model.pct(model.jobs![0]!)).toBe(60);
  api.work = [job('new', 'queued', 5), { ...job('old', 'completed'), progress_pct: 100 }];
  model.take(news('old', 'completed', 100));
  model.take(news('new', 'queued'));
  await expect
    .poll(() => model.jobs?.map(({ id, state }) => [id, state]))
    .toEqual([
      ['new', 'queued'],
      ['old', 'completed'],
    ]);
});

test('what no longer answers to the filters leaves the list', async () => {
  const api = new MemoryApi();
  api.work = [job('a', 'running'), job('b', 'running')];
  const model = new JobsModel(api);
  model.filter({ state: 'running' });
  await expect.poll(() => model.jobs?.length).toBe(2);
  api.work = [job('a', 'running'), job('b', 'failed')];
  model.take(news('b', 'failed'));
  await expect.poll(() => model.jobs?.map(({ id }) => id)).toEqual(['a']);
});

test('cancelling and running again show what became of it, and a refusal with its code', async () => {
  const api = new MemoryApi();
  api.work = [job('a', 'running')];
  const model = new JobsModel(api);
  await model.load();
  await model.choose('a');
  await model.cancel('a');
  expect([model.chosen?.state, model.jobs?.[0]?.state]).toEqual(['cancelled', 'cancelled']);
  await model.runAgain('a');
  expect(model.chosenId).toBe('a-again');
  await model.runAgain('nothing');
  expect(model.refusal?.code).toBe('HANABI-W020');
});

test('open jobs are counted, and the end of each is told once, also of those that ended unheard', async () => {
  const api = new MemoryApi();
  const told: string[] = [];
  const watch = new JobWatch(api, ({ id, state }) => told.push(`${id} ${state}`));
  api.work = [job('a', 'running'), job('b', 'queued'), job('c', 'completed')];
  watch.take({ topic: 'missed' });
  await expect.poll(() => watch.running).toBe(1);
  watch.take(news('b', 'running'));
  expect(watch.running).toBe(2);
  watch.take(news('b', 'failed'));
  expect([watch.running, told]).toEqual([1, ['b failed']]);
  api.work = [job('a', 'completed')];
  watch.take({ topic: 'missed' });
  await expect.poll(() => told).toEqual(['b failed', 'a completed']);
  expect(watch.running).toBe(0);
});

test('jobs that end close together are told of once at first, and then together', () => {
  vi.useFakeTimers();
  const told: string[] = [];
  const notices = new JobNotices(({ job: { id, state }, count }) => told.push(`${id} ${state} ${count}`));
  for (const id of ['a', 'b', 'c']) notices.add(news(id, 'completed'));
  notices.add(news('d', 'failed'));
  expect(told).toEqual(['a completed 1', 'd failed 1']);
  vi.advanceTimersByTime(5000);
  expect(told.slice(2)).toEqual(['c completed 2']);
  vi.advanceTimersByTime(5000);
  notices.add(news('e', 'completed'));
  expect(told.slice(3)).toEqual(['e completed 1']);
  vi.useRealTimers();
});

test.each([
  [400, 'less than 1 s'],
  [59_999, '59 s'],
  [61_000, '1 min 1 s'],
  [7_260_000, '2 h 1 min'],
])('%i ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test.each([
  [60, '1 min'],
  [90, '1 min 30 s'],
  [7200, '2 h'],
  [5400, '1 h 30 min'],
])('a schedule of %i seconds runs every %s', (seconds, text) => {
  expect(intervalText(seconds)).toBe(text);
});
