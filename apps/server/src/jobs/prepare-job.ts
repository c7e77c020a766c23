/** From the row of a job to what the sandbox is asked for: whose it is, what it may do and reach, at this moment. */
import {
  HanabiError,
  holds,
  LIMITS,
  type Permission,
  requirePermission,
  type TierLimits,
  type Tiers,
} from '@hanabi/protocol';
import type { JobSpec, NetworkRules } from '@hanabi/sandbox';
import { requireActive, type Users } from '../accounts/users.ts';
import type { Audit } from '../audit.ts';
import type { ModuleLibraries } from '../modules/libraries.ts';
import { ensureModuleFolders } from '../modules/module-folders.ts';
import type { PermissionUses } from '../modules/permission-uses.ts';
import type { InstalledModule, ModuleRegistry } from '../modules/registry.ts';
import type { Blobs } from '../storage/blobs.ts';
import type { FileTree, FolderRow } from '../storage/file-tree.ts';
import type { JobKind, JobRow } from './job-rows.ts';
import type { JobStore } from './job-store.ts';
import { networkPolicy, withinDay } from './network-policy.ts';

export interface PreparationParts {
  blobs: Blobs;
  tree: FileTree;
  users: Users;
  registry: ModuleRegistry;
  uses: PermissionUses;
  audit: Audit;
  libraries: ModuleLibraries;
  tiers: Tiers;
  network: NetworkRules;
}

export interface PreparedJob {
  spec: JobSpec;
  module: InstalledModule;
  /** Where the outputs go. */
  exports: FolderRow;
  /** Whether the module may show progress. */
  emitsProgress: boolean;
  /** Throws the refusal when something that it was prepared with has been revoked since: it may wait in line for long. */
  readonly requireStillGranted: () => Promise<void>;
}

/** What a worker can do without, and has when it is granted. */
export const EXTRAS: readonly Permission[] = ['worker.native', 'network.fetch', 'network.fetch.broad'];

const NEEDS: Record<JobKind, Permission> = { call: 'jobs.create', task: 'jobs.queue', schedule: 'jobs.schedule' };

/** Of those who wait in the sandbox; what the host itself wants, small pictures of files, has 0. */
export const PRIORITIES: Record<JobKind, number> = { call: 1, task: -1, schedule: -2 };

export async function prepareJob(
  parts: PreparationParts,
  store: JobStore,
  job: JobRow,
  signal: AbortSignal,
): Promise<PreparedJob> {
  const { blobs, tree, users, registry, uses, audit, libraries, tiers, network } = parts;
  const module = registry.getInUse(job.module_id, job.user_id);
  const user = await users.byId(job.user_id);
  const entry = module.manifest.entrypoints.worker;
  if (!entry || !user) throw new HanabiError('HANABI-W001', module.manifest.name);
  const rights = await registry.rights(module, user.id);
  const used = [NEEDS[job.kind], 'worker.execute', ...EXTRAS.filter((extra) => holds(extra, rights))] as const;
  const requireStillGranted = async () => {
    requireActive(await users.byId(user.id));
    const granted = await registry.rights(module, user.id);
    for (const permission of used) requirePermission(permission, granted);
  };
  await requireStillGranted();
  uses.note({ user, module, detail: `job ${job.id}` }, used);
  const exports = (await ensureModuleFolders(tree, user, module.manifest)).find(
    ({ folder }) => folder.role === 'output',
  );
  if (!exports) throw new HanabiError('HANABI-F003', 'output', { role: 'output' });
  const inputs: JobSpec['inputs'] = [];
  for (const { name, sha256 } of await store.inputsOf(job.id)) {
    inputs.push({ name, path: await blobs.localPath(sha256) });
  }
  const spec: JobSpec = {
    // What an earlier attempt left must not be in the way.
    id: `${job.id}-${job.fence}`,
    module_dir: module.package_dir,
    entry,
    inputs,
    options: JSON.parse(job.options) as JobSpec['options'],
    limits: limitsOf(module, tiers),
    native: holds('worker.native', rights),
    network: await withinDay(networkPolicy(module, rights, network), audit, user.id, module),
    libraries: false,
    layer_dir: await libraries.layerOf(module.manifest, signal),
    share: { owner: user.id, module: module.id, priority: PRIORITIES[job.kind] },
    patient: true,
  };
  return {
    spec,
    module,
    exports: exports.folder,
    emitsProgress: holds('jobs.emit_progress', rights),
    requireStillGranted,
  };
}

/** An operator may have taken a tier away since the module was installed. */
export function limitsOf({ manifest, quota }: InstalledModule, tiers: Tiers): TierLimits {
  const tier = quota.tier ?? manifest.worker.tier;
  const limits = Object.hasOwn(tiers, tier) ? tiers[tier] : undefined;
  if (limits) return limits;
  throw new HanabiError('HANABI-M007', `"${tier}"; there are ${Object.keys(tiers).join(', ')}`);
}

/** How many jobs of a module that have not ended a user may have. A schedule bounds itself: it never piles up. */
export const IN_FLIGHT_MAX: Record<JobKind, number | null> = {
  call: LIMITS.jobs_in_flight_per_module_max,
  task: LIMITS.tasks_in_flight_per_module_max,
  schedule: null,
};
