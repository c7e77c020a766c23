/** Finding files and folders, and counting what is below one. Nothing of the Trash is ever found. */
import { type ItemProperties, LIMITS } from '@hanabi/protocol';
import { sql } from 'kysely';
import { folded } from './folded.ts';
import { below, chainOf, chainsOf, trashed } from './place.ts';
import { type FileRow, type FolderRow, type Item, itemName, parentOf, type Reader } from './rows.ts';

export interface FoundItem {
  item: Item;
  /** From the top to the folder that holds it. */
  path: FolderRow[];
}

/** Files and folders whose name contains the text, whatever its case and accents; folders first. */
export async function search(db: Reader, userId: string, text: string): Promise<FoundItem[]> {
  const wanted = folded(text.trim());
  if (wanted === '') return [];
  const pattern = `%${wanted.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const { rows: folders } = await sql<FolderRow>`
    with recursive ${trashed(userId)}
    select * from folders
    where user_id = ${userId} and search_name like ${pattern} escape '\\'
      and parent_id is not null and top is null
      and id not in (select id from trashed)
    order by search_name limit ${LIMITS.search_results_max}
  `.execute(db);
  const { rows: files } = await sql<FileRow>`
    with recursive ${trashed(userId)}
    select * from files
    where user_id = ${userId} and search_name like ${pattern} escape '\\'
      and folder_id not in (select id from trashed)
    order by search_name limit ${LIMITS.search_results_max - folders.length}
  `.execute(db);
  return withPaths(db, [
    ...folders.map((folder): Item => ({ kind: 'folder', folder })),
    ...files.map((file): Item => ({ kind: 'file', file })),
  ]);
}

/** The files whose content changed last. */
export async function recent(db: Reader, userId: string): Promise<FoundItem[]> {
  const { rows } = await sql<FileRow>`
    with recursive ${trashed(userId)}
    select * from files where user_id = ${userId} and folder_id not in (select id from trashed)
    order by updated_at desc limit ${LIMITS.recent_files_max}
  `.execute(db);
  return withPaths(
    db,
    rows.map((file): Item => ({ kind: 'file', file })),
  );
}

async function withPaths(db: Reader, items: readonly Item[]): Promise<FoundItem[]> {
  const chains = await chainsOf(
    db,
    items.map((item) => parentOf(item)!),
  );
  return items.map((item) => ({ item, path: chains.get(parentOf(item)!) ?? [] }));
}

export async function propertiesOf(db: Reader, item: Item): Promise<ItemProperties> {
  const parentId = parentOf(item);
  const path = parentId === null ? [] : await chainOf(db, parentId);
  const { created_at, updated_at } = item.kind === 'file' ? item.file : item.folder;
  const counts =
    item.kind === 'file'
      ? { size_bytes: item.file.size_bytes, files: 1, folders: 0 }
      : await countBelow(db, item.folder.id);
  return {
    name: itemName(item),
    path: path.map(({ id, name }) => ({ id, name })),
    ...counts,
    created_at,
    updated_at,
    mime_type: item.kind === 'file' ? item.file.mime_type : null,
    sha256: item.kind === 'file' ? item.file.sha256 : null,
  };
}

async function countBelow(db: Reader, folderId: string) {
  const { rows } = await sql<{ size_bytes: number; files: number; folders: number }>`
    with recursive ${below(folderId)}
    select coalesce(sum(size_bytes), 0) as size_bytes, count(files.id) as files,
      (select count(*) - 1 from below) as folders
    from files where folder_id in (select id from below)
  `.execute(db);
  return rows[0]!;
}
