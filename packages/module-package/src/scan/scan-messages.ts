/** Which messages the pages send, compared with what the manifest asks for. */
import {
  ALIVE,
  CAPABILITY_TYPES,
  type CapabilityType,
  capabilityRow,
  EVENTS,
  EVENTS_TAKEN,
  isCapabilityType,
  type Manifest,
  type Permission,
  PING,
} from '@hanabi/protocol';
import type { PackageWarning } from '../problem.ts';
import type { SourceFile } from './source-file.ts';

interface Use {
  type: CapabilityType;
  path: string;
  line: number;
}

const QUOTED = /['"`](HANABI_[A-Z0-9_]+)['"`]/g;
const KNOWN_BESIDE = new Set<string>([...Object.keys(EVENTS), EVENTS_TAKEN, PING, ALIVE]);
/** A file that speaks of so many of them and is used by others is the client itself: it says nothing of the module. */
const CLIENT_SHARE = 0.6;

/** `.fs.list(` or `.readFile(` → the message that this method of the SDK sends. */
const METHODS = CAPABILITY_TYPES.map((type) => {
  const name = capabilityRow(type).sdk.replaceAll('.', String.raw`\s*\.\s*`);
  return { type, pattern: new RegExp(String.raw`\.\s*${name}\s*\(`) };
});
/** `const { readFile } = hanabi` would escape the pattern above. */
const USES_CLIENT = /createHanabiClient|hanabi-sdk|@hanabi\/module-sdk/;

export function scanMessages(files: readonly SourceFile[], manifest: Manifest): PackageWarning[] {
  const pages = files.filter(({ language }) => language === 'script' || language === 'page');
  const usesClient = pages.some(({ lines }) => lines.some((line) => USES_CLIENT.test(line)));
  const uses: Use[] = [];
  const found: PackageWarning[] = [];
  for (const file of pages) {
    const types = typesOf(file, usesClient, found);
    if (!isClient(file, types, pages)) uses.push(...types);
  }
  // Workflows name what the server is to do for them as pages name their messages.
  const workflows = manifest.entrypoints.workflow ? files.filter(({ language }) => language === 'python') : [];
  for (const file of workflows) uses.push(...typesOf(file, false, found));
  found.push(...undeclared(uses, manifest), ...unused(uses, pages, files, manifest));
  return found;
}

function isClient(file: SourceFile, types: readonly Use[], pages: readonly SourceFile[]): boolean {
  if (new Set(types.map(({ type }) => type)).size <= CAPABILITY_TYPES.length * CLIENT_SHARE) return false;
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return pages.some((other) => other !== file && other.lines.some((line) => line.includes(name)));
}

function typesOf(file: SourceFile, usesClient: boolean, unknown: PackageWarning[]): Use[] {
  const uses: Use[] = [];
  for (const [index, text] of file.lines.entries()) {
    const line = index + 1;
    for (const [, name = ''] of text.matchAll(QUOTED)) {
      const type = isCapabilityType(name) ? name : name.replace(/_RESULT$/, '');
      if (isCapabilityType(type)) uses.push({ type, path: file.path, line });
      else if (!KNOWN_BESIDE.has(type)) {
        const message = `"${name}" is no message of this version`;
        unknown.push({ severity: 'warning', rule: 'message.unknown', path: file.path, line, message });
      }
    }
    if (!usesClient) continue;
    for (const { type, pattern } of METHODS) {
      if (pattern.test(text)) uses.push({ type, path: file.path, line });
    }
  }
  return uses;
}

function undeclared(uses: readonly Use[], manifest: Manifest): PackageWarning[] {
  const declared = new Set<Permission>(manifest.permissions);
  const told = new Set<CapabilityType>();
  const found: PackageWarning[] = [];
  for (const { type, path, line } of uses) {
    if (told.has(type)) continue;
    const { all = [], any = [] } = capabilityRow(type).needs;
    const missing = all.filter((permission) => !declared.has(permission)).map((permission) => `"${permission}"`);
    if (any.length > 0 && !any.some((permission) => declared.has(permission)))
      missing.push(`one of "${any.join('", "')}"`);
    if (missing.length === 0) continue;
    told.add(type);
    const message = `${type} needs ${missing.join(' and ')} in "permissions"`;
    found.push({ severity: 'warning', rule: 'message.undeclared', path, line, message });
  }
  return found;
}

/** Permissions that some message needs, and none that the pages send. Others are not for messages. */
function unused(
  uses: readonly Use[],
  pages: readonly SourceFile[],
  files: readonly SourceFile[],
  manifest: Manifest,
): PackageWarning[] {
  const needed = new Set<string>();
  for (const { type } of uses) {
    for (const permission of capabilityPermissions(type)) needed.add(permission);
  }
  // `const { data } = hanabi` or `store(hanabi.data)`: which of its methods are called cannot be seen.
  for (const type of CAPABILITY_TYPES) {
    const [group, method] = capabilityRow(type).sdk.split('.');
    const handed = new RegExp(String.raw`[.{,]\s*${group}\b(?!\s*\()`);
    const isHanded = method !== undefined && pages.some(({ lines }) => lines.some((line) => handed.test(line)));
    if (isHanded) for (const permission of capabilityPermissions(type)) needed.add(permission);
  }
  const { worker, service, workflow } = manifest.entrypoints;
  if (worker) needed.add('worker.execute');
  if (service) needed.add('worker.service');
  if (workflow) needed.add('worker.workflow');
  // What a program on the server uses of its ctx, as `ctx.files.write` does.
  const python = files.filter(({ language }) => language === 'python');
  for (const permission of manifest.permissions) {
    const used = new RegExp(String.raw`\bctx\s*\.\s*${permission.split('.')[0]}\b`);
    if (python.some(({ lines }) => lines.some((line) => used.test(line)))) needed.add(permission);
  }
  // Jobs call ctx.fetch, services ctx.http.
  const fetches = files.some(({ lines }) => lines.some((line) => /\bfetch\s*\(|\bctx\s*\.\s*http\b/.test(line)));
  if (fetches) for (const permission of ['network.fetch', 'network.fetch.broad']) needed.add(permission);
  return manifest.permissions.flatMap((permission, index) => {
    if (needed.has(permission) || !(FOR_MESSAGES.has(permission) || permission.startsWith('network.'))) return [];
    const message = `nothing in the package needs "${permission}"`;
    return [
      { severity: 'warning' as const, rule: 'permission.unused' as const, path: `permissions[${index}]`, message },
    ];
  });
}

function capabilityPermissions(type: CapabilityType): Permission[] {
  const { needs, widenedBy } = capabilityRow(type);
  return [...(needs.all ?? []), ...(needs.any ?? []), ...(widenedBy ? [widenedBy] : [])];
}

const FOR_MESSAGES = new Set<Permission>(CAPABILITY_TYPES.flatMap(capabilityPermissions));
