/**
 * The third check. Ids of a request become the things they name before any handler runs, so that no handler can
 * forget to look. What is another user's is not found (F001); what is the user's, but not this module's, is out of
 * scope (F002).
 */
import {
  type CapabilityRow,
  type FolderRole,
  HanabiError,
  holds,
  type InputRef,
  inputRefId,
  type Permission,
  PERMISSIONS,
  type Rights,
  type ScopeRule,
} from '@hanabi/protocol';
import type { Context } from '../context.ts';
import type { UserRow } from '../accounts/users.ts';
import type { LaunchRow } from '../modules/launches.ts';
import type { InstalledModule } from '../modules/registry.ts';
import { ensureModuleFolders } from '../modules/module-folders.ts';
import type { FileRow, FolderRow } from '../storage/file-tree.ts';

export interface Caller {
  user: UserRow;
  module: InstalledModule;
  launch: LaunchRow;
  rights: Rights;
}

/** What each kind of scope rule turns into. */
export interface ScopedThings {
  readableFile: FileRow;
  readableFiles: FileRow[];
  ownFolder: FolderRow;
}

export async function resolveScope(
  context: Context,
  row: CapabilityRow,
  payload: Record<string, unknown>,
  caller: Caller,
): Promise<Record<string, unknown>> {
  const things: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(row.scope)) {
    things[name] = await resolve(context, rule, payload, caller, row.widenedBy);
  }
  return things;
}

async function resolve(
  context: Context,
  rule: ScopeRule,
  payload: Record<string, unknown>,
  caller: Caller,
  widenedBy: Permission | undefined,
): Promise<ScopedThings[ScopeRule['kind']]> {
  switch (rule.kind) {
    case 'readableFile':
      return readableFile(context, payload[rule.from] as string, caller, widenedBy);
    case 'readableFiles': {
      const files: FileRow[] = [];
      for (const ref of (payload[rule.from] ?? []) as InputRef[]) {
        files.push(await readableFile(context, inputRefId(ref), caller, widenedBy));
      }
      return files;
    }
    case 'ownFolder':
    default: {
      const role = (rule.from === null ? undefined : payload[rule.from]) ?? rule.fallback;
      return ownFolder(context, role as FolderRole, caller);
    }
  }
}

async function readableFile(
  context: Context,
  fileId: string,
  caller: Caller,
  widenedBy: Permission | undefined,
): Promise<FileRow> {
  const { user, module, launch, rights } = caller;
  const file = await context.tree.file(user.id, fileId);
  if (!file) throw new HanabiError('HANABI-F001', fileId);
  const folder = await context.tree.folder(user.id, file.folder_id);
  if (folder?.module_id === module.id) return file;
  if (await context.launches.mayRead(launch, file.id)) return file;
  if (folder?.module_id === null && widenedBy && rights.declared.has(widenedBy)) {
    if (holds(widenedBy, rights)) return file;
    throw new HanabiError(PERMISSIONS[widenedBy].tier === 'consent' ? 'HANABI-P003' : 'HANABI-P002', widenedBy);
  }
  throw new HanabiError('HANABI-F002', file.id);
}

export async function ownFolder(
  context: Context,
  role: FolderRole,
  caller: Pick<Caller, 'user' | 'module'>,
): Promise<FolderRow> {
  const folders = await ensureModuleFolders(context.tree, caller.user, caller.module.manifest);
  const match = folders.find(({ folder }) => folder.role === role);
  if (!match) throw new HanabiError('HANABI-F003', role);
  return match.folder;
}
