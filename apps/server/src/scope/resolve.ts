/**
 * The third check. Ids of a request become the things they name before any handler runs, so that no handler can
 * forget to look. What is another user's is not found (F001); what is the user's, but not this module's, is out of
 * scope (F002) unless a broader permission was granted; another module's folders are always out of scope.
 */
import {
  type CapabilityRow,
  type FolderRole,
  HanabiError,
  type InputRef,
  inputRefId,
  requirePermission,
  type Rights,
  SCOPE_PERMISSIONS,
  type ScopeRule,
} from '@hanabi/protocol';
import type { UserRow } from '../accounts/users.ts';
import type { Context } from '../context.ts';
import type { LaunchRow } from '../modules/launches.ts';
import { ensureModuleFolders } from '../modules/module-folders.ts';
import type { InstalledModule } from '../modules/registry.ts';
import type { FileRow, FolderRow, Item } from '../storage/file-tree.ts';

export interface Caller {
  user: UserRow;
  module: InstalledModule;
  launch: LaunchRow;
  rights: Rights;
}

/** What each kind of scope rule turns into. */
export interface ScopedThings {
  readableFile: FileRow;
  /** Undefined where the request names none. */
  namedFile: FileRow | undefined;
  readableFiles: FileRow[];
  copySource: FileRow;
  ownFolder: FolderRow;
  readableItem: Item;
  manageableItem: Item;
  readableFolder: FolderRow;
  manageableFolder: FolderRow;
}

type Access = (typeof SCOPE_PERMISSIONS)[keyof typeof SCOPE_PERMISSIONS];
type Payload = Record<string, unknown>;

export async function resolveScope(
  context: Context,
  row: CapabilityRow,
  payload: Payload,
  caller: Caller,
): Promise<Record<string, unknown>> {
  const things: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(row.scope)) things[name] = await resolve(context, rule, payload, caller);
  return things;
}

async function resolve(
  context: Context,
  rule: ScopeRule,
  payload: Payload,
  caller: Caller,
): Promise<ScopedThings[ScopeRule['kind']]> {
  switch (rule.kind) {
    case 'readableFile':
    case 'copySource':
      return fileFor(context, payload[rule.from] as string, caller, SCOPE_PERMISSIONS[rule.kind]);
    case 'namedFile': {
      const id = payload[rule.from] as string | undefined;
      return id === undefined ? undefined : fileFor(context, id, caller, SCOPE_PERMISSIONS.namedFile);
    }
    case 'readableFiles': {
      const files: FileRow[] = [];
      for (const ref of (payload[rule.from] ?? []) as InputRef[]) {
        files.push(await fileFor(context, inputRefId(ref), caller, SCOPE_PERMISSIONS.readableFiles));
      }
      return files;
    }
    case 'readableItem':
    case 'manageableItem':
      return itemFor(context, payload, caller, SCOPE_PERMISSIONS[rule.kind]);
    case 'readableFolder':
    case 'manageableFolder': {
      const id = payload[rule.from] as string | undefined;
      const access = SCOPE_PERMISSIONS[rule.kind];
      if (id !== undefined) return folderFor(context, id, caller, access);
      requirePermission(access.own, caller.rights);
      return ownFolder(context, (payload[rule.roleFrom] as FolderRole | undefined) ?? rule.fallback, caller);
    }
    case 'ownFolder':
    default: {
      const role = (rule.from === null ? undefined : payload[rule.from]) ?? rule.fallback;
      return ownFolder(context, role as FolderRole, caller);
    }
  }
}

async function fileFor(context: Context, id: string, caller: Caller, access: Access): Promise<FileRow> {
  const file = await context.tree.file(caller.user.id, id);
  if (!file) throw new HanabiError('HANABI-F001', id);
  // What the user opened or picked may be read, and be copied from, but not be changed.
  const readable = access.own === 'files.read' && (await context.launches.mayRead(caller.launch, id));
  if (readable) requirePermission('files.read', caller.rights);
  else await requireReach(context, file.folder_id, id, caller, access);
  return file;
}

/** "root" is the user's top folder: where a module that may see everything begins to look. */
async function folderFor(context: Context, id: string, caller: Caller, access: Access): Promise<FolderRow> {
  const folder = await context.tree.folder(caller.user.id, id === 'root' ? caller.user.root_folder_id : id);
  if (!folder) throw new HanabiError('HANABI-F001', id);
  await requireReach(context, folder.id, id, caller, access);
  return folder;
}

async function itemFor(context: Context, payload: Payload, caller: Caller, access: Access): Promise<Item> {
  const { fileId, folderId } = payload as { fileId?: string; folderId?: string };
  if (fileId !== undefined && folderId === undefined) {
    return { kind: 'file', file: await fileFor(context, fileId, caller, access) };
  }
  if (folderId !== undefined && fileId === undefined) {
    return { kind: 'folder', folder: await folderFor(context, folderId, caller, access) };
  }
  throw new HanabiError('HANABI-V002', 'it names a "fileId" or a "folderId", one of the two');
}

/** Ends with F002 and what would widen the scope, or with the P code of what is missing, unless the module may do this there. */
async function requireReach(
  context: Context,
  folderId: string,
  id: string,
  { user, module, rights }: Caller,
  access: Access,
): Promise<void> {
  const { module_id } = await context.tree.place(folderId);
  if (module_id === module.id) requirePermission(access.own, rights);
  else if (module_id === null && rights.declared.has(access.broad)) {
    requirePermission(access.broad, rights);
    context.uses.note({ user, module, detail: id }, [access.broad]);
  } else throw new HanabiError('HANABI-F002', id, module_id === null ? { permission: access.broad } : {});
}

async function ownFolder(
  context: Context,
  role: FolderRole,
  caller: Pick<Caller, 'user' | 'module'>,
): Promise<FolderRow> {
  const folders = await ensureModuleFolders(context.tree, caller.user, caller.module.manifest);
  const match = folders.find(({ folder }) => folder.role === role);
  if (!match) throw new HanabiError('HANABI-F003', role, { role });
  return match.folder;
}
