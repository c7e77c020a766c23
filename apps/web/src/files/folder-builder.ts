/**
 * Makes the folders of a tree that is uploaded. A folder that exists is used as it is, so that a tree offered again
 * after an interruption goes on where it stopped.
 */
import { type FileEntry, HanabiError, LIMITS } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import type { DroppedTree } from './dropped-files.ts';

export interface Destination {
  id: string;
  /** Nobody else has put anything into a folder that was just made. */
  files: readonly FileEntry[];
}

interface Known extends Destination {
  folders: Map<string, string>;
}

type FolderApi = Pick<DesktopApi, 'folder' | 'makeFolder'>;

/** The folder on the server for each folder of the tree, by its path; '' is the one that everything goes into. */
export async function buildFolders(
  api: FolderApi,
  rootId: string,
  tree: DroppedTree,
  onmade: () => void,
): Promise<Map<string, Destination>> {
  const built = new Map<string, Known>();
  // Without folders nothing is merged into anything, and one question is saved.
  built.set('', tree.folders.length > 0 ? await look(api, rootId) : { id: rootId, files: [], folders: new Map() });
  for (const path of tree.folders) {
    if (path.length > LIMITS.folder_depth_max) throw new HanabiError('HANABI-F005', `${path.length} folders deep`);
    const parent = built.get(path.slice(0, -1).join('/'))!;
    const name = path.at(-1)!.normalize('NFC');
    const existing = parent.folders.get(name);
    const known = existing
      ? await look(api, existing)
      : { id: (await api.makeFolder(parent.id, name)).id, files: [], folders: new Map<string, string>() };
    built.set(path.join('/'), known);
    onmade();
  }
  // What lay beside the tree before is no part of it.
  const root = built.get('')!;
  return new Map<string, Destination>([...built, ['', { id: root.id, files: [] }]]);
}

async function look(api: FolderApi, id: string): Promise<Known> {
  const { folder, folders, files } = await api.folder(id);
  return { id: folder.id, files, folders: new Map(folders.map((child) => [child.name, child.id])) };
}

/** Whether the server has the file already: same name and size, and stored after the file was last changed. */
export function isThere(destination: Destination, file: File): boolean {
  const name = file.name.normalize('NFC');
  return destination.files.some(
    (other) =>
      other.name === name && other.size_bytes === file.size && Date.parse(other.updated_at) >= file.lastModified,
  );
}
