import { holds, LIMITS, type Rights } from '@hanabi/protocol';
import type { NetworkPolicy, NetworkRules } from '@hanabi/sandbox';
import type { InstalledModule } from '../modules/registry.ts';

/** What ctx.fetch of a worker reaches: undefined unless the manifest asks for the network and it was granted. */
export function networkPolicy(
  module: Pick<InstalledModule, 'manifest' | 'assigned'>,
  rights: Rights,
  rules: NetworkRules,
): NetworkPolicy | undefined {
  if (holds('network.fetch.broad', rights)) {
    const budget = {
      bytes_max: Math.min(module.assigned?.fetch_bytes_max ?? Infinity, LIMITS.fetch_broad_bytes_per_job_max),
      requests_per_s_max: LIMITS.fetch_broad_requests_per_s_max,
    };
    return { ...rules, origins: 'public', budget };
  }
  if (!holds('network.fetch', rights)) return undefined;
  return { ...rules, origins: module.manifest.dependencies.services, budget: null };
}
