import type { Tiers } from '@hanabi/protocol';
import { readTiers } from '@hanabi/sandbox';
import { UsageError } from './command.ts';

/** The tiers that the server of this environment knows. */
export function workerTiers(): Tiers {
  try {
    return readTiers(process.env['HANABI_WORKER_TIERS']);
  } catch (error) {
    throw new UsageError(`HANABI_WORKER_TIERS: ${(error as Error).message}`);
  }
}
