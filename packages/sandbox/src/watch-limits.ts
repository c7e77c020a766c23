import { HanabiError, type TierLimits } from '@hanabi/protocol';
import type { Box } from './box.ts';
import type { OutputWatch } from './output-folder/watch-output.ts';

/** How often totals are looked at: what a job may overshoot. */
const TICK_MS = 100;

/** Reports the first limit that is broken, or the abort. Returns what ends the watch. */
export function watchLimits(
  box: Box,
  limits: TierLimits,
  signal: AbortSignal,
  broken: (error: HanabiError) => void,
  output: OutputWatch | undefined,
): () => void {
  const cancel = () => broken(new HanabiError('HANABI-W016'));
  const wall = setTimeout(
    () => broken(new HanabiError('HANABI-W004', `more than ${limits.wall_ms_max / 1000} s`)),
    limits.wall_ms_max,
  );
  const ticker = setInterval(() => {
    const { cpu_ms, oom_kills } = box.usage();
    if (oom_kills > 0) broken(new HanabiError('HANABI-W003'));
    if (cpu_ms !== null && cpu_ms > limits.cpu_ms_max) {
      broken(new HanabiError('HANABI-W005', `more than ${limits.cpu_ms_max / 1000} s`));
    }
    void output?.look().then((error) => error && broken(error));
    box.log.tick();
  }, TICK_MS);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  return () => {
    clearTimeout(wall);
    clearInterval(ticker);
    signal.removeEventListener('abort', cancel);
  };
}
