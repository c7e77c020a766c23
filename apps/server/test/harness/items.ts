/** Files and folders as the desktop handles them, in few words. */
import {
  DESKTOP_PATHS,
  type FileEntry,
  type FolderEntry,
  type FoundItems,
  type ItemEntries,
  type ItemProperties,
  type ItemRef,
  type StorageUsage,
  type TrashListing,
} from '@hanabi/protocol';
import type { Desktop } from './desktop.ts';

const { items, trash, search, recent, storage } = DESKTOP_PATHS;

export const fileRef = (file: { id: string }): ItemRef => ({ file_id: file.id });
export const folderRef = (folder: { id: string }): ItemRef => ({ folder_id: folder.id });

async function json<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

export async function makeFolder(desktop: Desktop, name: string, parentId?: string): Promise<FolderEntry> {
  const parent_id = parentId ?? desktop.session.root_folder_id;
  return json(await desktop.send('POST', DESKTOP_PATHS.folders, { parent_id, name }));
}

export const sendRename = (desktop: Desktop, item: ItemRef, name: string) =>
  desktop.send('POST', `${items}/rename`, { item, name });
export const sendMove = (desktop: Desktop, list: ItemRef[], folder_id: string) =>
  desktop.send('POST', `${items}/move`, { items: list, folder_id });
export const sendCopy = (desktop: Desktop, list: ItemRef[], folder_id: string) =>
  desktop.send('POST', `${items}/copy`, { items: list, folder_id });
export const sendTrash = (desktop: Desktop, list: ItemRef[]) => desktop.send('POST', `${items}/trash`, { items: list });
export const sendRestore = (desktop: Desktop, list: ItemRef[]) =>
  desktop.send('POST', `${trash}/restore`, { items: list });
export const sendDeleteTrashed = (desktop: Desktop, list: ItemRef[]) =>
  desktop.send('POST', `${trash}/delete`, { items: list });
export const sendEmptyTrash = (desktop: Desktop) => desktop.send('DELETE', trash);

export const rename = async (...args: Parameters<typeof sendRename>) => namesOf(await json(await sendRename(...args)));
export const move = async (...args: Parameters<typeof sendMove>) => namesOf(await json(await sendMove(...args)));
export const copy = async (...args: Parameters<typeof sendCopy>) =>
  (await json<ItemEntries>(await sendCopy(...args))).items.map(entryOf);
export const restore = async (...args: Parameters<typeof sendRestore>) =>
  (await json<ItemEntries>(await sendRestore(...args))).items.map(entryOf);

export async function putInTrash(desktop: Desktop, list: ItemRef[]): Promise<void> {
  const response = await sendTrash(desktop, list);
  if (response.status !== 204) throw new Error(await response.text());
}

export async function emptyTrash(desktop: Desktop): Promise<void> {
  const response = await sendEmptyTrash(desktop);
  if (response.status !== 204) throw new Error(await response.text());
}

export const listTrash = async (desktop: Desktop): Promise<TrashListing['items']> =>
  (await json<TrashListing>(await desktop.send('GET', trash))).items;
export const find = async (desktop: Desktop, q: string): Promise<FoundItems['items']> =>
  (await json<FoundItems>(await desktop.send('GET', `${search}?q=${encodeURIComponent(q)}`))).items;
export const recentFiles = async (desktop: Desktop): Promise<FoundItems['items']> =>
  (await json<FoundItems>(await desktop.send('GET', recent))).items;
export const usage = async (desktop: Desktop): Promise<StorageUsage> => json(await desktop.send('GET', storage));
export const properties = async (desktop: Desktop, ref: ItemRef): Promise<ItemProperties> =>
  json(await desktop.send('GET', `${items}/properties?${new URLSearchParams(ref).toString()}`));

export async function namesIn(desktop: Desktop, folderId: string): Promise<string[]> {
  const { files, folders } = await desktop.folder(folderId);
  return [...folders, ...files].map(({ name }) => name).sort();
}

export function entryOf(item: ItemEntries['items'][number]): FileEntry | FolderEntry {
  return 'file' in item ? item.file : item.folder;
}

function namesOf(entries: ItemEntries): string[] {
  return entries.items.map((item) => entryOf(item).name);
}
