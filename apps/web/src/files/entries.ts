/** Files and folders as one list of things that lie in a folder. */
import type { FileEntry, FolderEntry, FolderListing } from '@hanabi/protocol';
import { compareNames } from '../i18n/i18n.ts';

export type Entry =
  | { kind: 'folder'; id: string; name: string; updated_at: string; folder: FolderEntry }
  | { kind: 'file'; id: string; name: string; updated_at: string; file: FileEntry };

export const SORT_KEYS = ['name', 'date', 'size'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Sort {
  key: SortKey;
  ascending: boolean;
}

function folderEntry(folder: FolderEntry): Entry {
  return { kind: 'folder', id: folder.id, name: folder.name, updated_at: folder.updated_at, folder };
}

function fileEntry(file: FileEntry): Entry {
  return { kind: 'file', id: file.id, name: file.name, updated_at: file.updated_at, file };
}

/** Folders first, then files, each in the order asked for; equal ones by name. */
export function sortedEntries(listing: Pick<FolderListing, 'folders' | 'files'>, sort: Sort): Entry[] {
  const direction = sort.ascending ? 1 : -1;
  const compare = (a: Entry, b: Entry) => direction * compareBy(sort.key, a, b) || compareNames(a.name, b.name);
  return [...listing.folders.map(folderEntry).sort(compare), ...listing.files.map(fileEntry).sort(compare)];
}

function compareBy(key: SortKey, a: Entry, b: Entry): number {
  if (key === 'date') return Date.parse(a.updated_at) - Date.parse(b.updated_at);
  if (key === 'size') return sizeOf(a) - sizeOf(b);
  return compareNames(a.name, b.name);
}

function sizeOf(entry: Entry): number {
  return entry.kind === 'file' ? entry.file.size_bytes : 0;
}
