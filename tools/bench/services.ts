/** Services: what a tick costs beyond the function itself, how many a second, how well they keep time, what an idle one holds. */
import {
  GRID_TICKS,
  IDLE_SERVICES,
  measureServices,
  TICKING_AT_ONCE,
} from '../../apps/server/test/harness/service-rates.ts';
import { type Figure, figure } from './figures.ts';

const OFF_TARGET_MS = 100;
const IDLE_TARGET_MB = 6;

export async function benchServices(): Promise<Figure[]> {
  const { tick_ms, direct_ms, ticks_per_s, off_ms, idle_mb } = await measureServices();
  return [
    figure('service.tick', 'ms', tick_ms, direct_ms, 'the function called directly'),
    figure('service.rate', 'calls/s', ticks_per_s, 1000 / tick_ms, `${TICKING_AT_ONCE} services at once ÷ one alone`),
    figure('service.drift', 'ms', off_ms, OFF_TARGET_MS, `target, the worst of ${GRID_TICKS} ticks`),
    figure('service.idle', 'MB', idle_mb, IDLE_TARGET_MB, `target, each of ${IDLE_SERVICES}`),
  ];
}
