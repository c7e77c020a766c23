import { readFileSync } from 'node:fs';
import { type Tiers, WORKER_TIERS, withDefinedTiers } from '@hanabi/protocol';

/** The tiers of a server from HANABI_WORKER_TIERS: a JSON object, or the path of a file that holds one. */
export function readTiers(setting: string | undefined): Tiers {
  if (!setting) return WORKER_TIERS;
  const text = setting.trimStart().startsWith('{') ? setting : readFileSync(setting, 'utf8');
  return withDefinedTiers(JSON.parse(text));
}
