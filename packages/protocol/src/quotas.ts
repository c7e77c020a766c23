/**
 * How much a module gets of what an administrator has to allow: each row is one bound that can be set for one module.
 * Where nothing is set, the limit of the server holds.
 */
import * as z from 'zod';
import { LIMITS } from './limits.ts';
import type { Permission } from './permissions.ts';

interface QuotaRow {
  /** It bounds nothing for a module that has none of these. */
  readonly of: readonly Permission[];
  /** A tier of the server by its name, an amount of bytes, or a number of things. */
  readonly kind: 'tier' | 'bytes' | 'count';
  /** No more can be given; not for tiers. */
  readonly most: number;
}

export const QUOTAS = {
  tier: {
    of: ['worker.execute', 'worker.native', 'worker.workflow'],
    kind: 'tier',
    most: 0,
  },
  fetch_bytes_max: {
    of: ['network.fetch.broad'],
    kind: 'bytes',
    most: LIMITS.fetch_broad_bytes_per_job_max,
  },
  fetch_bytes_per_day_max: {
    of: ['network.fetch.broad'],
    kind: 'bytes',
    most: LIMITS.fetch_broad_bytes_per_day_max,
  },
  fetch_requests_per_s_max: {
    of: ['network.fetch.broad'],
    kind: 'count',
    most: LIMITS.fetch_broad_requests_per_s_max,
  },
  service_tier: { of: ['worker.service'], kind: 'tier', most: 0 },
  service_instances_max: {
    of: ['worker.service'],
    kind: 'count',
    most: LIMITS.services_max,
  },
} as const satisfies Record<string, QuotaRow>;

export type QuotaName = keyof typeof QUOTAS;

export const QUOTA_NAMES = Object.keys(QUOTAS) as [QuotaName, ...QuotaName[]];

const TierName = z.string().max(64).nullable().default(null);
const amount = ({ most }: QuotaRow) => z.number().int().min(1).max(most).nullable().default(null);

/** null, or left out: the limit of the server, and of tiers the one that the manifest asks for. */
export const Quota = z.object({
  tier: TierName,
  fetch_bytes_max: amount(QUOTAS.fetch_bytes_max),
  fetch_bytes_per_day_max: amount(QUOTAS.fetch_bytes_per_day_max),
  fetch_requests_per_s_max: amount(QUOTAS.fetch_requests_per_s_max),
  service_tier: TierName,
  service_instances_max: amount(QUOTAS.service_instances_max),
} satisfies Record<QuotaName, z.ZodType>);
export type Quota = z.infer<typeof Quota>;

/** Those that bound something for a module which has these permissions. */
export function quotasOf(permissions: Iterable<Permission>): QuotaName[] {
  const has = new Set(permissions);
  return QUOTA_NAMES.filter((name) => QUOTAS[name].of.some((permission) => has.has(permission)));
}
