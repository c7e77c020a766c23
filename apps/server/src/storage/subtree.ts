/** All that lies below a folder. */
import { sql } from 'kysely';
import { below } from './place.ts';
import type { FileRow, FolderRow, Reader } from './rows.ts';

/** The folder itself first, and each one after the one above it. */
export async function foldersBelow(db: Reader, folderId: string): Promise<FolderRow[]> {
  const { rows } = await sql<FolderRow>`
    with recursive ${below(folderId)}
    select folders.* from below join folders on folders.id = below.id order by below.level, folders.name
  `.execute(db);
  return rows;
}

export async function filesBelow(db: Reader, folderId: string): Promise<FileRow[]> {
  const { rows } = await sql<FileRow>`
    with recursive ${below(folderId)}
    select files.* from below join files on files.folder_id = below.id order by below.level, files.name
  `.execute(db);
  return rows;
}
