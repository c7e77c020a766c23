/** Files and folders as one list of things, wherever it comes from: a folder, the Trash, a search. */
import type {
  FileEntry,
  FolderEntry,
  FolderListing,
  FoundItems,
  ItemEntries,
  ItemRef,
  TrashListing,
} from '@hanabi/protocol';
import { compareNames } from '../i18n/i18n.ts';

interface Common {
  id: string;
  name: string;
  updated_at: string;
  /** The folders above it, as far as it was found somewhere else than in the folder that is shown. */
  path?: readonly { id: string; name: string }[];
  trashed?: { at: string; from: readonly string[] };
}

export type Entry = Common & ({ kind: 'folder'; folder: FolderEntry } | { kind: 'file'; file: FileEntry });

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

export function entryOf(item: ItemEntries['items'][number]): Entry {
  return 'file' in item ? fileEntry(item.file) : folderEntry(item.folder);
}

export function listedEntries(listing: Pick<FolderListing, 'folders' | 'files'>): Entry[] {
  return [...listing.folders.map(folderEntry), ...listing.files.map(fileEntry)];
}

export function foundEntries({ items }: FoundItems): Entry[] {
  return items.map((item) => ({ ...entryOf(item), path: item.path }));
}

/** What lies in the Trash shows when it was thrown away, not when it was last changed. */
export function trashedEntries({ items }: TrashListing): Entry[] {
  return items.map((item) => ({ ...entryOf(item), trashed: { at: item.trashed_at, from: item.from } }));
}

export function refOf(entry: Entry): ItemRef {
  return entry.kind === 'file' ? { file_id: entry.id } : { folder_id: entry.id };
}

/** The folder that holds it. */
export function parentOf(entry: Entry): string | null {
  return entry.kind === 'file' ? entry.file.folder_id : entry.folder.parent_id;
}

export function dateOf(entry: Entry): string {
  return entry.trashed?.at ?? entry.updated_at;
}

/** Folders first, then files, each in the order asked for; equal ones by name. */
export function sortedEntries(entries: readonly Entry[], sort: Sort): Entry[] {
  const direction = sort.ascending ? 1 : -1;
  const value = sortValue[sort.key];
  const compare = (a: Entry, b: Entry) =>
    (value ? direction * (value(a) - value(b)) : 0) || (value ? 1 : direction) * compareNames(a.name, b.name);
  const folders = entries.filter((entry) => entry.kind === 'folder').sort(compare);
  return [...folders, ...entries.filter((entry) => entry.kind === 'file').sort(compare)];
}

const sortValue: Record<SortKey, ((entry: Entry) => number) | null> = {
  name: null,
  date: (entry) => Date.parse(dateOf(entry)),
  size: (entry) => (entry.kind === 'file' ? entry.file.size_bytes : 0),
};
