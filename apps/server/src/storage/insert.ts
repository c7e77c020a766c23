/** New rows of the tree, and what happens to a content that a row no longer has. */
import mime from 'mime';
import { newId } from '../ids.ts';
import type { Blob } from './blobs.ts';
import { now } from './db.ts';
import { folded } from './folded.ts';
import type { Change, FileRow, FolderRow, Reader } from './rows.ts';

export function typeOf(name: string): string {
  return mime.getType(name) ?? 'application/octet-stream';
}

export async function insertFile(db: Change, folder: FolderRow, name: string, blob: Blob): Promise<FileRow> {
  const time = now();
  const { sha256, size_bytes } = blob;
  const row: FileRow = {
    id: newId(),
    user_id: folder.user_id,
    folder_id: folder.id,
    name,
    search_name: folded(name),
    mime_type: typeOf(name),
    sha256,
    size_bytes,
    created_at: time,
    updated_at: time,
  };
  await db.insertInto('files').values(row).execute();
  return row;
}

export async function replaceContent(db: Change, file: FileRow, { sha256, size_bytes }: Blob): Promise<FileRow> {
  const change = { sha256, size_bytes, updated_at: now() };
  await db.updateTable('files').set(change).where('id', '=', file.id).execute();
  if (sha256 !== file.sha256) await dropBlob(db, file.sha256);
  return { ...file, ...change };
}

/** From now on the grace period of this content runs, should no other file have it. */
export async function dropBlob(db: Reader, sha256: string): Promise<void> {
  const change = { dropped_at: now() };
  await db
    .insertInto('dropped_blobs')
    .values({ sha256, ...change })
    .onConflict((conflict) => conflict.column('sha256').doUpdateSet(change))
    .execute();
}

export async function insertBelow(
  db: Reader,
  parent: FolderRow,
  name: string,
  marks: Partial<FolderRow> = {},
): Promise<FolderRow> {
  const row = newFolder({ user_id: parent.user_id, parent_id: parent.id, name, ...marks });
  await db.insertInto('folders').values(row).execute();
  return row;
}

export function newFolder(fields: Partial<FolderRow> & Pick<FolderRow, 'user_id' | 'parent_id' | 'name'>): FolderRow {
  const time = now();
  return {
    id: newId(),
    search_name: folded(fields.name),
    module_id: null,
    role: null,
    top: null,
    created_at: time,
    updated_at: time,
    ...fields,
  };
}
