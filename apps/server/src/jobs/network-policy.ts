import { holds, LIMITS, type Rights } from '@hanabi/protocol';
import type { NetworkPolicy, NetworkRules } from '@hanabi/sandbox';
import type { Audit } from '../audit.ts';
import type { InstalledModule } from '../modules/registry.ts';

const DAY_MS = 24 * 3600 * 1000;

/** What ctx.fetch of a worker reaches: undefined unless the manifest asks for the network and it was granted. */
export function networkPolicy(
  { manifest, quota }: Pick<InstalledModule, 'manifest' | 'quota'>,
  rights: Rights,
  rules: NetworkRules,
): NetworkPolicy | undefined {
  if (holds('network.fetch.broad', rights)) {
    const budget = {
      bytes_max: quota.fetch_bytes_max ?? LIMITS.fetch_broad_bytes_per_job_max,
      requests_per_s_max: quota.fetch_requests_per_s_max ?? LIMITS.fetch_broad_requests_per_s_max,
    };
    return { ...rules, origins: 'public', budget };
  }
  if (!holds('network.fetch', rights)) return undefined;
  return { ...rules, origins: manifest.dependencies.services, budget: null };
}

/** The policy with no more bytes than the module’s last 24 hours have left. Jobs beside each other have the same rest before them. */
export async function withinDay(
  policy: NetworkPolicy | undefined,
  audit: Audit,
  userId: string,
  { id, quota }: Pick<InstalledModule, 'id' | 'quota'>,
): Promise<NetworkPolicy | undefined> {
  if (!policy?.budget) return policy;
  const day_bytes = quota.fetch_bytes_per_day_max ?? LIMITS.fetch_broad_bytes_per_day_max;
  const moved = await audit.movedBytes({ user_id: userId, module_id: id }, aDayAgo());
  const bytes_max = Math.min(policy.budget.bytes_max, Math.max(0, day_bytes - moved));
  return { ...policy, budget: { ...policy.budget, bytes_max } };
}

export function aDayAgo(): string {
  return new Date(Date.now() - DAY_MS).toISOString();
}
