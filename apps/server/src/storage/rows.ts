import type { Selectable, Transaction } from 'kysely';
import type { Db } from './db.ts';
import type { Tables } from './schema.ts';

export type FileRow = Selectable<Tables['files']>;
export type FolderRow = Selectable<Tables['folders']>;

export type Item = { kind: 'file'; file: FileRow } | { kind: 'folder'; folder: FolderRow };

export type Change = Transaction<Tables>;
export type Reader = Db | Change;

export function itemId(item: Item): string {
  return item.kind === 'file' ? item.file.id : item.folder.id;
}

export function itemName(item: Item): string {
  return item.kind === 'file' ? item.file.name : item.folder.name;
}

/** The folder that an item lies in; null for the two that lie in none. */
export function parentOf(item: Item): string | null {
  return item.kind === 'file' ? item.file.folder_id : item.folder.parent_id;
}
