/** What lies on the desktop of a user. */
import * as z from 'zod';
import { Id } from '../schema.ts';
import { FileEntry, FolderEntry } from './files.ts';

export const DesktopShortcut = z.object({
  id: Id,
  module_id: z.string(),
  label: z.string(),
  action: z.string().nullable(),
  file_id: Id.nullable(),
});
export type DesktopShortcut = z.infer<typeof DesktopShortcut>;

export const DesktopContent = z.object({
  /** The folder whose content lies on the desktop; null: nothing has been put there yet. */
  folder_id: Id.nullable(),
  folders: z.array(FolderEntry),
  files: z.array(FileEntry),
  shortcuts: z.array(DesktopShortcut),
});
export type DesktopContent = z.infer<typeof DesktopContent>;
