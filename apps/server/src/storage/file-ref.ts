import type { FileEntry, FileRef, FolderEntry } from '@hanabi/protocol';
import type { FileRow, FolderRow } from './file-tree.ts';

/** What a module or the desktop sees of a file. */
export function toFileRef(file: FileRow): FileRef {
  const { id, name, mime_type, size_bytes } = file;
  return { id, name, mime_type, size_bytes };
}

export function toFileEntry(file: FileRow): FileEntry {
  return { ...toFileRef(file), folder_id: file.folder_id, updated_at: file.updated_at };
}

/** `moduleId` is whose the folder is; its row knows that only of a module's root folder. */
export function toFolderEntry(folder: FolderRow, moduleId: string | null): FolderEntry {
  const { id, name, parent_id, updated_at } = folder;
  return { id, name, parent_id, updated_at, module_id: folder.module_id ?? moduleId };
}
