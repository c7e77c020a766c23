import { type FolderRef, requirePermission, type Results } from '@hanabi/protocol';
import type { Context } from '../context.ts';
import type { Caller } from '../scope/resolve.ts';
import { toFileRef } from '../storage/file-ref.ts';
import type { FolderRow, Item } from '../storage/file-tree.ts';
import type { Call } from './call.ts';

export async function fsList({ context, scope }: Call<'HANABI_FS_LIST'>): Promise<Results['HANABI_FS_LIST']> {
  const { folders, files } = await context.tree.children(scope.folder);
  return { folder: toFolderRef(scope.folder), folders: folders.map(toFolderRef), files: files.map(toFileRef) };
}

export async function fsStat({ scope }: Call<'HANABI_FS_STAT'>): Promise<Results['HANABI_FS_STAT']> {
  const { created_at, updated_at } = scope.item.kind === 'file' ? scope.item.file : scope.item.folder;
  return { kind: scope.item.kind, ...toItemRef(scope.item), created_at, updated_at };
}

export async function fsMakeDir(call: Call<'HANABI_FS_MKDIR'>): Promise<Results['HANABI_FS_MKDIR']> {
  return { folder: toFolderRef(await call.context.tree.makeFolder(call.scope.parent, call.payload.name)) };
}

export async function fsRename(call: Call<'HANABI_FS_RENAME'>): Promise<Results['HANABI_FS_RENAME']> {
  return toItemRef(await call.context.tree.rename(call.scope.item, call.payload.name));
}

export async function fsMove({ context, scope, caller }: Call<'HANABI_FS_MOVE'>): Promise<Results['HANABI_FS_MOVE']> {
  const source = scope.item.kind === 'file' ? scope.item.file.folder_id : scope.item.folder.id;
  await requireReadable(context, source, scope.destination, caller);
  const [moved] = await context.tree.move([scope.item], scope.destination);
  return toItemRef(moved!);
}

export async function fsCopy(call: Call<'HANABI_FS_COPY'>): Promise<Results['HANABI_FS_COPY']> {
  const { context, scope, caller } = call;
  const readable = await context.launches.mayRead(caller.launch, scope.file.id);
  if (!readable) await requireReadable(context, scope.file.folder_id, scope.destination, caller);
  const [copy] = await context.tree.copy([{ kind: 'file', file: scope.file }], scope.destination);
  return { file: toItemRef(copy!).file! };
}

export async function fsRemove({ context, scope }: Call<'HANABI_FS_DELETE'>): Promise<Results['HANABI_FS_DELETE']> {
  await context.tree.trash([scope.item]);
  return { ok: true };
}

/** What comes into the module's own folders can be read there, so it must be something that the module may read. */
async function requireReadable(
  context: Context,
  sourceFolderId: string,
  destination: FolderRow,
  { module, rights }: Caller,
): Promise<void> {
  const [from, to] = [await context.tree.place(sourceFolderId), await context.tree.place(destination.id)];
  if (from.module_id !== module.id && to.module_id === module.id) requirePermission('files.read.all', rights);
}

function toFolderRef({ id, name }: FolderRow): FolderRef {
  return { id, name };
}

function toItemRef(item: Item): Results['HANABI_FS_RENAME'] {
  return item.kind === 'file' ? { file: toFileRef(item.file) } : { folder: toFolderRef(item.folder) };
}
