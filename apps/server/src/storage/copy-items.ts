/** Copying: new rows for the same contents, so that a copy of any size costs no bytes. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { sql } from 'kysely';
import { setImmediate as otherRequests } from 'node:timers/promises';
import { newId } from '../ids.ts';
import { now } from './db.ts';
import { folded } from './folded.ts';
import { newFolder, typeOf } from './insert.ts';
import { freeName } from './names.ts';
import { below, heightOf, liveChain, requireDepth } from './place.ts';
import { addUsed, type QuotaSettings } from './quota.ts';
import { fresh } from './relocate.ts';
import type { Change, FileRow, FolderRow, Item } from './rows.ts';
import { filesBelow, foldersBelow } from './subtree.ts';

/** Rows in one statement. */
const BATCH = 500;

/** Copies items into a folder, folders with all that is below them; where a name is taken, both are kept. */
export async function copyItems(
  db: Change,
  settings: QuotaSettings,
  stale: readonly Item[],
  destination: FolderRow,
): Promise<Item[]> {
  const depth = (await liveChain(db, destination.id)).length;
  const copies: Item[] = [];
  let count = 0;
  for (const one of stale) {
    const item = await fresh(db, one);
    const { size_bytes, items } =
      item.kind === 'file' ? { size_bytes: item.file.size_bytes, items: 1 } : await weigh(db, item.folder);
    count += items;
    if (count > LIMITS.copied_items_max) {
      throw new HanabiError('HANABI-Q006', `at most ${LIMITS.copied_items_max}`);
    }
    await addUsed(db, settings, destination.user_id, size_bytes);
    if (item.kind === 'file') {
      copies.push({ kind: 'file', file: await copyFile(db, item.file, destination) });
    } else {
      requireDepth(depth + (await heightOf(db, item.folder.id)));
      copies.push({ kind: 'folder', folder: await copyFolder(db, item.folder, destination) });
    }
  }
  return copies;
}

async function weigh(db: Change, folder: FolderRow): Promise<{ size_bytes: number; items: number }> {
  const { rows } = await sql<{ size_bytes: number; items: number }>`
    with recursive ${below(folder.id)}
    select coalesce(sum(size_bytes), 0) as size_bytes, count(files.id) + (select count(*) from below) as items
    from files where folder_id in (select id from below)
  `.execute(db);
  return rows[0]!;
}

async function copyFile(db: Change, file: FileRow, destination: FolderRow): Promise<FileRow> {
  const name = await freeName(db, destination.id, file.name);
  const mime_type = name === file.name ? file.mime_type : typeOf(name);
  const copy = { ...copyOf(file, destination.id), name, search_name: folded(name), mime_type };
  await db.insertInto('files').values(copy).execute();
  return copy;
}

/** Its content is as old as that of the original; it is there since now. */
function copyOf(file: FileRow, folderId: string): FileRow {
  return { ...file, id: newId(), folder_id: folderId, created_at: now() };
}

/** All is read before anything is written, so that a folder can be copied into one of its own. */
async function copyFolder(db: Change, folder: FolderRow, destination: FolderRow): Promise<FolderRow> {
  const folders = await foldersBelow(db, folder.id);
  const files = await filesBelow(db, folder.id);
  const name = await freeName(db, destination.id, folder.name);
  const newIds = new Map<string | null, string>([[folder.parent_id, destination.id]]);
  const copies = folders.map((original) => {
    // Whoever the original belonged to, the copy is a plain folder.
    const fields = { user_id: original.user_id, name: original === folders[0] ? name : original.name };
    const copy = newFolder({ ...fields, parent_id: newIds.get(original.parent_id)! });
    newIds.set(original.id, copy.id);
    return copy;
  });
  for (const batch of batches(copies)) await db.insertInto('folders').values(batch).execute();
  for (const batch of batches(files)) {
    const rows = batch.map((file) => copyOf(file, newIds.get(file.folder_id)!));
    await db.insertInto('files').values(rows).execute();
    await otherRequests();
  }
  return copies[0]!;
}

function* batches<T>(rows: readonly T[]): Generator<T[], void, void> {
  for (let start = 0; start < rows.length; start += BATCH) yield rows.slice(start, start + BATCH);
}
