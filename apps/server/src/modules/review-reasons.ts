/** Why a version waits for a review while the one before it stays live. */
import { type Manifest, type Permission, PERMISSIONS } from '@hanabi/protocol';
import type { FileDigest } from '@hanabi/module-package';

export interface Reviewed {
  manifest: Manifest;
  files: readonly FileDigest[];
}

export function isAdminPermission(permission: Permission): boolean {
  const { tier } = PERMISSIONS[permission];
  return tier === 'admin' || tier === 'admin-high';
}

export function addedPermissions(before: Manifest, after: Manifest): Permission[] {
  return after.permissions.filter((permission) => !before.permissions.includes(permission));
}

/** Sentences for the developer and the reviewer; none: it asks for nothing that somebody has to decide. */
export function reviewReasons(live: Reviewed | undefined, next: Reviewed): string[] {
  if (!live) return ['It is the first version.'];
  const before = live.manifest;
  const after = next.manifest;
  const reasons = addedPermissions(before, after)
    .filter(isAdminPermission)
    .map((permission) => `It asks for ${permission}: ${PERMISSIONS[permission].sentence}.`);
  const changed = changedPaths(live.files, next.files).filter(isServerCode);
  if (changed.length > 0) reasons.push(`Code that runs on the server has changed: ${changed.slice(0, 5).join(', ')}.`);
  if (!sameList(before.dependencies.python, after.dependencies.python)) {
    reasons.push('The Python libraries have changed.');
  }
  const origins = after.dependencies.services.filter((origin) => !before.dependencies.services.includes(origin));
  if (origins.length > 0) reasons.push(`It names new internet addresses: ${origins.join(', ')}.`);
  for (const kind of ['worker', 'service', 'workflow'] as const) {
    if (before.entrypoints[kind] !== after.entrypoints[kind]) reasons.push(`Its ${kind} is another file.`);
  }
  if (before.worker.tier !== after.worker.tier) reasons.push(`It asks for the tier "${after.worker.tier}".`);
  return reasons;
}

/** Whatever a worker may load or read counts, wherever it lies. */
function isServerCode(path: string): boolean {
  return path.endsWith('.py') || path.startsWith('worker/');
}

function changedPaths(before: readonly FileDigest[], after: readonly FileDigest[]): string[] {
  const old = new Map(before.map(({ path, sha256 }) => [path, sha256]));
  const added = after.filter(({ path, sha256 }) => old.get(path) !== sha256).map(({ path }) => path);
  const paths = new Set(after.map(({ path }) => path));
  return [...added, ...before.filter(({ path }) => !paths.has(path)).map(({ path }) => path)];
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a.toSorted()) === JSON.stringify(b.toSorted());
}
