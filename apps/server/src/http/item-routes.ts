/** What the desktop does with files and folders alike: rename, move, copy, Trash, search, properties, zip. */
import {
  CopyItems,
  DeleteTrashed,
  DESKTOP_PATHS,
  type FileEntry,
  type FolderEntry,
  type FoundItems,
  HanabiError,
  type ItemEntries,
  type ItemProperties,
  type ItemRef,
  LIMITS,
  MoveItems,
  RenameItem,
  RestoreItems,
  safeName,
  SetAssociation,
  type StorageUsage,
  TrashItems,
  type TrashListing,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { toFileEntry, toFolderEntry } from '../storage/file-ref.ts';
import type { FolderRow, Item } from '../storage/file-tree.ts';
import type { FoundItem } from '../storage/find-items.ts';
import { placeOf } from '../storage/place.ts';
import { parentOf } from '../storage/rows.ts';
import { disposition } from './send-content.ts';
import { USER_CONTENT_HEADERS } from './security-headers.ts';
import { type QueryFields, queryText, queryTexts } from './query.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';
import { zipStream } from './zip-stream.ts';

const check = {
  rename: compile(RenameItem, 'HANABI-V008'),
  move: compile(MoveItems, 'HANABI-V008'),
  copy: compile(CopyItems, 'HANABI-V008'),
  trash: compile(TrashItems, 'HANABI-V008'),
  restore: compile(RestoreItems, 'HANABI-V008'),
  deleteTrashed: compile(DeleteTrashed, 'HANABI-V008'),
  association: compile(SetAssociation, 'HANABI-V008'),
};

type Query<Fields extends string> = { Querystring: QueryFields<Fields> };

export function itemRoutes(app: FastifyInstance, context: Context): void {
  const guard = { onRequest: requireSession(context) };
  changeRoutes(app, context, guard);
  trashRoutes(app, context, guard);
  lookRoutes(app, context, guard);
  const { associations } = DESKTOP_PATHS;

  app.get(associations, guard, async ({ session }) => ({ modules: await context.associations.of(session.user.id) }));

  app.put(associations, guard, async ({ session, body }) => {
    const { extension, module_id } = check.association(body);
    if (module_id !== null) context.registry.get(module_id, session.user.id);
    await context.associations.set(session.user.id, extension, module_id);
    return { modules: await context.associations.of(session.user.id) };
  });
}

type Guard = { onRequest: ReturnType<typeof requireSession> };

function changeRoutes(app: FastifyInstance, context: Context, guard: Guard): void {
  const { items } = DESKTOP_PATHS;

  app.post(`${items}/rename`, guard, async (request): Promise<ItemEntries> => {
    const { item, name } = check.rename(request.body);
    const [found] = await named(context, request, [item]);
    return entriesOf(context, [await context.tree.rename(found!, name)]);
  });

  app.post(`${items}/move`, guard, async (request): Promise<ItemEntries> => {
    const wish = check.move(request.body);
    const destination = await folderOf(context, request, wish.folder_id);
    return entriesOf(context, await context.tree.move(await named(context, request, wish.items), destination));
  });

  app.post(`${items}/copy`, guard, async (request): Promise<ItemEntries> => {
    const wish = check.copy(request.body);
    const destination = await folderOf(context, request, wish.folder_id);
    return entriesOf(context, await context.tree.copy(await named(context, request, wish.items), destination));
  });

  app.post(`${items}/trash`, guard, async (request, reply) => {
    await context.tree.trash(await named(context, request, check.trash(request.body).items));
    return reply.code(204).send();
  });
}

function trashRoutes(app: FastifyInstance, context: Context, guard: Guard): void {
  const { trash } = DESKTOP_PATHS;

  app.get(trash, guard, async ({ session }): Promise<TrashListing> => {
    const lying = await context.tree.listTrash(session.user.id);
    return { items: lying.map(({ item, trashed_at, from }) => ({ ...entryOf(item, null), trashed_at, from })) };
  });

  app.post(`${trash}/restore`, guard, async ({ session, body }): Promise<ItemEntries> => {
    return entriesOf(context, await context.tree.restore(session.user.id, check.restore(body).items));
  });

  app.post(`${trash}/delete`, guard, async ({ session, body }, reply) => {
    await context.tree.deleteTrashed(session.user.id, check.deleteTrashed(body).items);
    return reply.code(204).send();
  });

  app.delete(trash, guard, async ({ session }, reply) => {
    await context.tree.emptyTrash(session.user.id);
    return reply.code(204).send();
  });
}

function lookRoutes(app: FastifyInstance, context: Context, guard: Guard): void {
  const { items, search, recent, storage, zip } = DESKTOP_PATHS;

  app.get<Query<'file_id' | 'folder_id'>>(`${items}/properties`, guard, async (request): Promise<ItemProperties> => {
    const [file, folder] = [queryTexts(request.query, 'file_id'), queryTexts(request.query, 'folder_id')];
    if (file.length + folder.length !== 1) throw new HanabiError('HANABI-V008', 'name a file_id or a folder_id');
    const [item] = await named(context, request, refs(file, folder));
    return context.tree.properties(item!);
  });

  app.get<Query<'q'>>(search, guard, async ({ session, query }): Promise<FoundItems> => {
    const text = queryText(query, 'q') ?? '';
    if (text.length > LIMITS.file_name_bytes_max) return { items: [] };
    return foundItems(await context.tree.search(session.user.id, text));
  });

  app.get(recent, guard, async ({ session }): Promise<FoundItems> => {
    return foundItems(await context.tree.recent(session.user.id));
  });

  app.get(storage, guard, ({ session }): Promise<StorageUsage> => context.tree.usage(session.user.id));

  app.get<Query<'name' | 'file' | 'folder'>>(zip, guard, async (request, reply) => {
    const wanted = refs(queryTexts(request.query, 'file'), queryTexts(request.query, 'folder'));
    if (wanted.length === 0 || wanted.length > LIMITS.items_per_request_max) {
      throw new HanabiError('HANABI-V008', `name 1 to ${LIMITS.items_per_request_max} files and folders`);
    }
    const name = safeName(queryText(request.query, 'name') ?? 'files.zip');
    const stream = await zipStream(context, await named(context, request, wanted), request.log);
    reply.headers({
      ...USER_CONTENT_HEADERS,
      'content-type': 'application/zip',
      'content-disposition': disposition('attachment', name.toLowerCase().endsWith('.zip') ? name : `${name}.zip`),
    });
    return reply.send(stream);
  });
}

function refs(fileIds: readonly string[], folderIds: readonly string[]): ItemRef[] {
  return [...fileIds.map((file_id) => ({ file_id })), ...folderIds.map((folder_id) => ({ folder_id }))];
}

function named(context: Context, { session: { user } }: FastifyRequest, wanted: readonly ItemRef[]): Promise<Item[]> {
  return context.tree.items(
    user.id,
    wanted.map((ref) => ('folder_id' in ref && ref.folder_id === 'root' ? { folder_id: user.root_folder_id } : ref)),
  );
}

async function folderOf(context: Context, { session: { user } }: FastifyRequest, id: string): Promise<FolderRow> {
  const folder = await context.tree.folder(user.id, id === 'root' ? user.root_folder_id : id);
  if (!folder) throw new HanabiError('HANABI-F001', id);
  return folder;
}

async function entriesOf(context: Context, items: readonly Item[]): Promise<ItemEntries> {
  const modules = new Map<string, string | null>();
  const entries: ItemEntries['items'] = [];
  for (const item of items) {
    const parent = parentOf(item) ?? '';
    let moduleId = modules.get(parent);
    if (moduleId === undefined) {
      moduleId = parent ? (await context.tree.place(parent)).module_id : null;
      modules.set(parent, moduleId);
    }
    entries.push(entryOf(item, moduleId));
  }
  return { items: entries };
}

function entryOf(item: Item, moduleId: string | null): { file: FileEntry } | { folder: FolderEntry } {
  return item.kind === 'file' ? { file: toFileEntry(item.file) } : { folder: toFolderEntry(item.folder, moduleId) };
}

function foundItems(items: readonly FoundItem[]): FoundItems {
  return {
    items: items.map(({ item, path }) => ({
      ...entryOf(item, placeOf(path).module_id),
      path: path.map(({ id, name }) => ({ id, name })),
    })),
  };
}
