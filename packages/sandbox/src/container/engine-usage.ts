import { setTimeout as delay } from 'node:timers/promises';
import type { BoxUsage } from '../box.ts';
import type { Engine } from './engine.ts';

/** More often would cost the engine more than it tells. */
const INTERVAL_MS = 250;

interface Stats {
  cpu_stats: { cpu_usage: { total_usage?: number } };
  memory_stats: { usage?: number; max_usage?: number };
}

/** What a container uses, as the engine tells it every now and then: where its cgroup is out of our sight. */
export class EngineUsage {
  /** Totals since the container was started. */
  latest: BoxUsage = { cpu_ms: null, memory_bytes_peak: null, oom_kills: 0 };
  readonly #stopped = new AbortController();

  constructor(engine: Engine, container_id: string) {
    void this.#follow(engine, `/containers/${container_id}/stats?stream=false&one-shot=true`).catch(() => {}); // it ended
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #follow(engine: Engine, path: string): Promise<void> {
    const { signal } = this.#stopped;
    for (;;) {
      const { cpu_stats, memory_stats } = await engine.ask<Stats>('GET', path);
      if (signal.aborted) return;
      const { total_usage } = cpu_stats.cpu_usage;
      const memory = memory_stats.max_usage ?? memory_stats.usage;
      this.latest = {
        cpu_ms: total_usage === undefined ? null : total_usage / 1e6,
        memory_bytes_peak: memory === undefined ? null : Math.max(memory, this.latest.memory_bytes_peak ?? 0),
        oom_kills: 0,
      };
      await delay(INTERVAL_MS, undefined, { signal });
    }
  }
}
