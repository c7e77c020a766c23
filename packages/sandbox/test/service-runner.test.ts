/** Lives of services in a real sandbox, with short intervals and short patience. */
import { LIMITS, WORKER_TIERS } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { type ServiceNews, ServiceRunner, type Told } from '../src/index.ts';
import { describeSandboxed, processesOf, withSandbox } from './test-sandbox.ts';

const LIMITS_OF_TEST = {
  service_tick_ms_max: LIMITS.service_tick_ms_max as number,
  service_failures_max: 3,
  service_backoff_ms_min: 5,
  service_backoff_ms_max: 20,
};

describeSandboxed('the life of a service', () => {
  const test = withSandbox();

  function life(program: string, changes: Partial<typeof LIMITS_OF_TEST> & { interval_ms?: number } = {}) {
    const { interval_ms = 20, ...limits } = changes;
    const news: ServiceNews[] = [];
    const state = new Map<string, unknown>();
    const waiting: { until: (news: ServiceNews[]) => boolean; resolve: () => void }[] = [];
    const runner = new ServiceRunner({
      interval_ms,
      limits: { ...LIMITS_OF_TEST, ...limits },
      open: (signal) =>
        test.sandbox.openService(
          {
            id: `life-${program}`,
            module_dir: import.meta.dirname,
            entry: `services/${program}.py`,
            limits: { ...WORKER_TIERS.small, cpu_ms_max: 3_600_000 },
          },
          signal,
        ),
      async answer(method, params): Promise<Told> {
        const { key, value } = params as { key: string; value: unknown };
        if (method === 'state.get') return { value: { found: state.has(key), value: state.get(key) ?? null } };
        if (method === 'state.set') state.set(key, value);
        return { value: null };
      },
      async tell(one) {
        news.push(one);
        for (const { until, resolve } of waiting) if (until(news)) resolve();
        return 'kept';
      },
    });
    const seen = (until: (news: ServiceNews[]) => boolean) =>
      new Promise<void>((resolve) => {
        if (until(news)) resolve();
        else waiting.push({ until, resolve });
      });
    const count = (kind: ServiceNews['kind']) => news.filter((one) => one.kind === kind).length;
    runner.start();
    return { runner, news, state, seen, count };
  }

  it('ticks one after the other on its grid, until it is stopped', async () => {
    const { runner, news, seen, count, state } = life('dies_in_the_third_tick', { service_tick_ms_max: 60_000 });
    await seen(() => count('ticked') >= 2 && count('ticking') >= 3);
    await runner.stop();
    const kinds = news.map(({ kind }) => kind);
    expect(kinds).toEqual(['started', 'ticking', 'ticked', 'ticking', 'ticked', 'ticking']);
    expect(state.get('count')).toBeLessThanOrEqual(3);
    const due = news.flatMap((one) => (one.kind === 'ticking' ? [one.next_tick_ms] : []));
    for (const [at, time] of due.entries()) {
      if (at === 0) continue;
      // Times of one grid, whatever a tick took; a millisecond is lost in rounding.
      const off = (time - due[0]!) % 20;
      expect(Math.min(off, 20 - off)).toBeLessThanOrEqual(2);
      expect(time).toBeGreaterThan(due[at - 1]!);
    }
  });

  it('ends a tick that takes too long, counts it, and starts anew with what it kept', async () => {
    const { runner, news, seen, state } = life('dies_in_the_third_tick', { service_tick_ms_max: 500 });
    await seen(() => (state.get('count') as number) >= 5);
    await runner.stop();
    const failed = news.filter((one) => one.kind === 'failed');
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ failures: 1, error: { code: 'HANABI-W004' }, restart_ms: expect.any(Number) });
    expect(news.filter((one) => one.kind === 'started')).toHaveLength(2);
  });

  it('gives up after too many failures in a row', async () => {
    const { runner, news, seen, count } = life('raises');
    await seen(() => count('gave_up') === 1);
    await runner.stop();
    expect(news.filter((one) => one.kind === 'started')).toHaveLength(1);
    expect(news.filter((one) => one.kind === 'failed')).toHaveLength(3);
    expect(news.at(-1)).toMatchObject({ kind: 'gave_up', error: { code: 'HANABI-W008' } });
  });

  it('does not try for ever what cannot be loaded', async () => {
    const { runner, news, seen, count } = life('imports_os');
    await seen(() => count('gave_up') === 1);
    await runner.stop();
    expect(news.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'failed', 'gave_up']);
  });

  it('ticks at once when it is asked, beside its grid', async () => {
    const { runner, seen, count } = life('counts', { interval_ms: 3_600_000 });
    await seen(() => count('ticked') === 1);
    runner.tickNow();
    await seen(() => count('failed') === 1);
    runner.tickNow();
    await seen(() => count('ticked') === 2);
    await runner.stop();
  });

  it('leaves nothing behind', async () => {
    const { runner, seen, count } = life('spins');
    await seen(() => count('ticking') === 1);
    await runner.stop();
    await test.sandbox.close();
    expect(processesOf(test)).toEqual([]);
  });
});
