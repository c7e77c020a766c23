/** Renaming and moving: one row each, whatever lies below. */
import { HanabiError, safeName } from '@hanabi/protocol';
import { folded } from './folded.ts';
import { typeOf } from './insert.ts';
import { freeName, isTaken } from './names.ts';
import { heightOf, liveChain, requireDepth } from './place.ts';
import { refuseProtected } from './protected.ts';
import { type Change, type FolderRow, type Item, itemId, itemName, parentOf } from './rows.ts';

/** The item as it is now; one that is gone or in the Trash ends with HANABI-F001. */
export async function fresh(db: Change, item: Item): Promise<Item> {
  const id = itemId(item);
  if (item.kind === 'file') {
    const file = await db.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirst();
    if (file) await liveChain(db, file.folder_id);
    if (file) return { kind: 'file', file };
  } else {
    const folder = (await liveChain(db, id)).at(-1);
    if (folder) return { kind: 'folder', folder };
  }
  throw new HanabiError('HANABI-F001', id);
}

export async function rename(db: Change, stale: Item, name: string): Promise<Item> {
  const safe = safeName(name);
  const item = await fresh(db, stale);
  const parentId = parentOf(item);
  if (item.kind === 'folder') await refuseProtected(db, item.folder);
  if (parentId === null || safe === itemName(item)) return item;
  if (await isTaken(db, parentId, safe)) throw new HanabiError('HANABI-F006', safe);
  return setPlace(db, item, parentId, safe);
}

/** Moves items into a folder; where a name is taken, both are kept. */
export async function move(db: Change, stale: readonly Item[], destination: FolderRow): Promise<Item[]> {
  const chain = await liveChain(db, destination.id);
  const above = new Set(chain.map(({ id }) => id));
  const moved: Item[] = [];
  for (const one of stale) {
    const item = await fresh(db, one);
    if (parentOf(item) === destination.id) {
      moved.push(item);
      continue;
    }
    if (item.kind === 'folder') {
      await refuseProtected(db, item.folder);
      if (above.has(item.folder.id)) throw new HanabiError('HANABI-F010', item.folder.name);
      requireDepth(chain.length + (await heightOf(db, item.folder.id)));
    }
    moved.push(await setPlace(db, item, destination.id, await freeName(db, destination.id, itemName(item))));
  }
  return moved;
}

/** Gives an item another name, another folder, or both. */
export async function setPlace(db: Change, item: Item, parentId: string, name: string): Promise<Item> {
  const names = { name, search_name: folded(name) };
  if (item.kind === 'file') {
    const mime_type = name === item.file.name ? item.file.mime_type : typeOf(name);
    const change = { ...names, mime_type, folder_id: parentId };
    await db.updateTable('files').set(change).where('id', '=', item.file.id).execute();
    return { kind: 'file', file: { ...item.file, ...change } };
  }
  const change = { ...names, parent_id: parentId };
  await db.updateTable('folders').set(change).where('id', '=', item.folder.id).execute();
  return { kind: 'folder', folder: { ...item.folder, ...change } };
}
