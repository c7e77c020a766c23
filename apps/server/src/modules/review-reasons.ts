/** Why a version waits for a review while the one before it stays live. */
import { dirname } from 'node:path/posix';
import {
  CONNECTORS,
  type ConnectorKind,
  type Manifest,
  MANIFEST_FILE,
  type Permission,
  PERMISSIONS,
} from '@hanabi/protocol';
import { type FileDigest, SIGNATURE_FILE } from '@hanabi/module-package';
import { connectorsOf } from '../connections/connectors-of.ts';

export interface Reviewed {
  manifest: Manifest;
  files: readonly FileDigest[];
}

export function isAdminPermission(permission: Permission): boolean {
  const { tier } = PERMISSIONS[permission];
  return tier === 'admin' || tier === 'admin-high';
}

export function addedPermissions(before: Manifest, after: Manifest): Permission[] {
  return beyond(before.permissions, after.permissions);
}

export function addedConnectors(before: Manifest, after: Manifest): ConnectorKind[] {
  return beyond(connectorsOf(before), connectorsOf(after));
}

/** Whether it wants what who has the version before was not asked about. */
export function asksMore(before: Manifest, after: Manifest): boolean {
  return addedPermissions(before, after).length > 0 || addedConnectors(before, after).length > 0;
}

/** Sentences for the developer and the reviewer; none: it asks for nothing that somebody has to decide. */
export function reviewReasons(live: Reviewed | undefined, next: Reviewed): string[] {
  if (!live) return ['It is the first version.'];
  const before = live.manifest;
  const after = next.manifest;
  const reasons = addedPermissions(before, after)
    .filter(isAdminPermission)
    .map((permission) => `It asks for ${permission}: ${PERMISSIONS[permission].sentence}.`);
  const changed = changedPaths(live.files, next.files).filter(
    (path) => isServerFile(path, before) || isServerFile(path, after),
  );
  if (changed.length > 0)
    reasons.push(`What runs on the server, or can be read there, has changed: ${changed.slice(0, 5).join(', ')}.`);
  if (!sameList(before.dependencies.python, after.dependencies.python)) {
    reasons.push('The Python libraries have changed.');
  }
  const connectors = addedConnectors(before, after).map((kind) => CONNECTORS[kind].name);
  if (connectors.length > 0) reasons.push(`It wants to use connections of its users: ${connectors.join(', ')}.`);
  const origins = beyond(before.dependencies.services, after.dependencies.services);
  if (origins.length > 0) reasons.push(`It names new internet addresses: ${origins.join(', ')}.`);
  for (const kind of ['worker', 'service', 'workflow'] as const) {
    if (before.entrypoints[kind] !== after.entrypoints[kind]) reasons.push(`Its ${kind} is another file.`);
  }
  if (before.worker.tier !== after.worker.tier) reasons.push(`It asks for the tier "${after.worker.tier}".`);
  return reasons;
}

/** Beside the page, what is for readers. Server code that takes one of these for a program is for its review to find. */
const FOR_READERS = new Set(['README.md', MANIFEST_FILE, SIGNATURE_FILE]);

/** Python wherever it lies; and where something runs on the server, all that it may load, apart from the page’s folder. */
function isServerFile(path: string, { entrypoints, portal }: Manifest): boolean {
  if (path.endsWith('.py')) return true;
  const entries = [entrypoints.worker, entrypoints.service, entrypoints.workflow].filter(
    (entry) => entry !== undefined,
  );
  if (entries.length === 0) return false;
  const page = `${dirname(entrypoints.ui)}/`;
  const isOfPage = path.startsWith(page) && !entries.some((entry) => entry.startsWith(page));
  return !isOfPage && !FOR_READERS.has(path) && !portal.screenshot_urls.includes(path);
}

function changedPaths(before: readonly FileDigest[], after: readonly FileDigest[]): string[] {
  const old = new Map(before.map(({ path, sha256 }) => [path, sha256]));
  const added = after.filter(({ path, sha256 }) => old.get(path) !== sha256).map(({ path }) => path);
  const paths = new Set(after.map(({ path }) => path));
  return [...added, ...before.filter(({ path }) => !paths.has(path)).map(({ path }) => path)];
}

function beyond<Item>(before: readonly Item[], after: readonly Item[]): Item[] {
  return after.filter((item) => !before.includes(item));
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a.toSorted()) === JSON.stringify(b.toSorted());
}
