/** The Trash. Putting something in and taking it out is a matter of one row each, whatever lies below. */
import { HanabiError, type ItemRef } from '@hanabi/protocol';
import { type Selectable, sql } from 'kysely';
import { setImmediate as otherRequests } from 'node:timers/promises';
import { newId } from '../ids.ts';
import { type Db, now } from './db.ts';
import { insertBelow } from './insert.ts';
import { fileNamed, folderNamed, freeName } from './names.ts';
import { below, chainOf, heightOf, placeOf, requireDepth } from './place.ts';
import { refuseProtected } from './protected.ts';
import { addUsed, type QuotaSettings } from './quota.ts';
import { setPlace } from './relocate.ts';
import { type Change, type FolderRow, type Item, itemId, itemName, parentOf, type Reader } from './rows.ts';
import type { Tables } from './schema.ts';
import { alone, inTransaction } from './transaction.ts';

type TrashRow = Selectable<Tables['trash_items']>;

export interface TrashedItem {
  item: Item;
  trashed_at: string;
  /** Names from the top to the folder that it lay in. */
  from: string[];
}

export async function trash(db: Change, items: readonly Item[]): Promise<void> {
  let top: FolderRow | undefined;
  for (const stale of items) {
    const item = await itemOf(db, stale.kind, itemId(stale));
    if (!item) throw new HanabiError('HANABI-F001', itemId(stale));
    if (item.kind === 'folder') await refuseProtected(db, item.folder);
    const chain = await chainOf(db, parentOf(item)!);
    // It went there just now, with a folder that was named before it.
    if (placeOf(chain).trashed) continue;
    const original = chain.at(-1)!;
    top ??= await trashTop(db, original.user_id);
    const holder = await insertBelow(db, top, newId());
    await setPlace(db, item, holder.id, itemName(item));
    const row = { holder_id: holder.id, user_id: original.user_id, kind: item.kind, item_id: itemId(item) };
    const from = { original_folder_id: original.id, original_path: JSON.stringify(chain.map(({ name }) => name)) };
    await db
      .insertInto('trash_items')
      .values({ ...row, ...from, trashed_at: now() })
      .execute();
  }
}

/** Newest first. */
export async function listTrash(db: Reader, userId: string): Promise<TrashedItem[]> {
  const rows = await db
    .selectFrom('trash_items')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('seq', 'desc')
    .execute();
  const holders = db.selectFrom('trash_items').select('holder_id').where('user_id', '=', userId);
  const files = await db.selectFrom('files').selectAll().where('folder_id', 'in', holders).execute();
  const folders = await db.selectFrom('folders').selectAll().where('parent_id', 'in', holders).execute();
  const items = new Map<string, Item>();
  for (const file of files) items.set(file.id, { kind: 'file', file });
  for (const folder of folders) items.set(folder.id, { kind: 'folder', folder });
  return rows.map(({ item_id, trashed_at, original_path }) => ({
    item: items.get(item_id)!,
    trashed_at,
    from: JSON.parse(original_path) as string[],
  }));
}

/** Back to where it was; folders that are gone are made again, and where a name is taken, both are kept. */
export async function restore(db: Change, userId: string, refs: readonly ItemRef[]): Promise<Item[]> {
  const restored: Item[] = [];
  for (const ref of refs) {
    const row = await rowOf(db, userId, ref);
    const item = await itemOf(db, row.kind, row.item_id);
    if (!item) throw new HanabiError('HANABI-F001', row.item_id);
    restored.push(await putBack(db, row, item));
  }
  return restored;
}

/** What the Trash says of one of the things in it; what lies deeper is only there as part of that. */
async function rowOf(db: Reader, userId: string, ref: ItemRef): Promise<TrashRow> {
  const [kind, id] = 'file_id' in ref ? (['file', ref.file_id] as const) : (['folder', ref.folder_id] as const);
  const row = await db
    .selectFrom('trash_items')
    .selectAll()
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .where('item_id', '=', id)
    .executeTakeFirst();
  if (!row) throw new HanabiError('HANABI-F001', id);
  return row;
}

async function putBack(db: Change, row: TrashRow, item: Item): Promise<Item> {
  const target = await originalFolder(db, row);
  if (item.kind === 'folder') {
    requireDepth((await chainOf(db, target.id)).length + (await heightOf(db, item.folder.id)));
  }
  const back = await setPlace(db, item, target.id, await freeName(db, target.id, itemName(item)));
  // The holder is empty now; what it says of the item goes with it.
  await db.deleteFrom('folders').where('id', '=', row.holder_id).execute();
  return back;
}

async function originalFolder(db: Change, row: TrashRow): Promise<FolderRow> {
  const chain = await chainOf(db, row.original_folder_id);
  if (chain.length > 0 && !placeOf(chain).trashed) return chain.at(-1)!;
  const [, ...names] = JSON.parse(row.original_path) as string[];
  let folder = await topOf(db, row.user_id, 'home');
  for (const name of names) {
    const existing = await folderNamed(db, folder.id, name);
    const free = !existing && (await fileNamed(db, folder.id, name)) ? await freeName(db, folder.id, name) : name;
    folder = existing ?? (await insertBelow(db, folder, free));
  }
  return folder;
}

export async function emptyTrash(db: Db, settings: QuotaSettings, userId: string): Promise<void> {
  await deleteRows(
    db,
    settings,
    await db.selectFrom('trash_items').selectAll().where('user_id', '=', userId).execute(),
  );
}

/** If one of them is not in the Trash, none is deleted. */
export async function deleteTrashed(
  db: Db,
  settings: QuotaSettings,
  userId: string,
  refs: readonly ItemRef[],
): Promise<void> {
  const rows: TrashRow[] = [];
  for (const ref of refs) rows.push(await rowOf(db, userId, ref));
  await deleteRows(db, settings, rows);
}

/** Deletes for good, one item after the other: what was not reached when the server died is still in the Trash. */
async function deleteRows(db: Db, settings: QuotaSettings, rows: readonly TrashRow[]): Promise<void> {
  for (const row of rows) {
    await inTransaction(db, (change) => deleteForGood(change, settings, row));
    await otherRequests();
  }
}

async function deleteForGood(db: Change, settings: QuotaSettings, { holder_id, user_id }: TrashRow): Promise<void> {
  await alone(db, 'files', user_id);
  const { rows } = await sql<{ size_bytes: number }>`
    with recursive ${below(holder_id)}
    select coalesce(sum(size_bytes), 0) as size_bytes from files where folder_id in (select id from below)
  `.execute(db);
  await sql`
    insert into dropped_blobs (sha256, dropped_at)
    select distinct sha256, cast(${now()} as text) from files where folder_id in (with recursive ${below(holder_id)} select id from below)
    on conflict (sha256) do update set dropped_at = excluded.dropped_at
  `.execute(db);
  await addUsed(db, settings, user_id, -rows[0]!.size_bytes);
  await db.deleteFrom('folders').where('id', '=', holder_id).execute();
}

async function itemOf(db: Change, kind: Item['kind'], id: string): Promise<Item | undefined> {
  if (kind === 'file') {
    const file = await db.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirst();
    return file && { kind, file };
  }
  const folder = await db.selectFrom('folders').selectAll().where('id', '=', id).executeTakeFirst();
  return folder && { kind, folder };
}

const trashTop = (db: Change, userId: string) => topOf(db, userId, 'trash');

function topOf(db: Change, userId: string, top: 'home' | 'trash'): Promise<FolderRow> {
  return db
    .selectFrom('folders')
    .selectAll()
    .where('user_id', '=', userId)
    .where('parent_id', 'is', null)
    .where('top', '=', top)
    .executeTakeFirstOrThrow();
}
