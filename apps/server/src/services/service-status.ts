import { LIMITS, type ServiceStatus } from '@hanabi/protocol';
import type { InstalledModule } from '../modules/registry.ts';
import type { ServiceRow } from './service-rows.ts';

/** How often it ticks, within what the server allows. */
export function intervalOf({ manifest }: Pick<InstalledModule, 'manifest'>): number {
  const { service_interval_ms_min: low, service_interval_ms_max: high } = LIMITS;
  const seconds = manifest.worker.service?.tick_interval;
  return seconds === undefined ? 60_000 : Math.max(low, Math.min(high, seconds * 1000));
}

/** As its user sees it; without a row it was never started. */
export function statusOf(module: Pick<InstalledModule, 'manifest'>, row: ServiceRow | undefined): ServiceStatus {
  const { error_code: code = null, error_message: message = null, error_at_ms = null } = row ?? {};
  return {
    state: row?.state === 'running' && row.restart_ms !== null ? 'waiting' : (row?.state ?? 'stopped'),
    tick_interval_ms: intervalOf(module),
    started_at: dateOf(row?.started_ms),
    next_tick_at: dateOf(row?.next_tick_ms),
    restart_at: dateOf(row?.restart_ms),
    ticks: row?.ticks ?? 0,
    failures: row?.failures ?? 0,
    last_tick_at: dateOf(row?.last_tick_ms),
    last_took_ms: row?.last_took_ms ?? null,
    last_error: code === null || message === null ? null : { code, message, at: dateOf(error_at_ms) ?? '' },
    cpu_ms: row?.cpu_ms ?? null,
    memory_bytes_peak: row?.memory_bytes_peak ?? null,
  };
}

function dateOf(time_ms: number | null | undefined): string | null {
  return time_ms === null || time_ms === undefined ? null : new Date(time_ms).toISOString();
}
