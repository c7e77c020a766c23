/** The user's own folders and files. */
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { FileRef, Id } from '../schema.ts';

export const FileEntry = FileRef.extend({ folder_id: Id, updated_at: z.iso.datetime() });
export type FileEntry = z.infer<typeof FileEntry>;

export const FolderEntry = z.object({
  id: Id,
  name: z.string(),
  parent_id: Id.nullable(),
  updated_at: z.iso.datetime(),
  /** Set on the folders of a module. */
  module_id: z.string().nullable(),
});
export type FolderEntry = z.infer<typeof FolderEntry>;

export const FolderListing = z.object({
  folder: FolderEntry,
  /** From the root to the folder itself. */
  path: z.array(z.object({ id: Id, name: z.string() })),
  folders: z.array(FolderEntry),
  files: z.array(FileEntry),
});
export type FolderListing = z.infer<typeof FolderListing>;

export const MakeFolder = z.strictObject({ parent_id: Id, name: z.string().max(1024) });

/** One file or folder. */
export const ItemRef = z.union([z.strictObject({ file_id: Id }), z.strictObject({ folder_id: Id })]);
export type ItemRef = z.infer<typeof ItemRef>;

const Items = z.array(ItemRef).min(1).max(LIMITS.items_per_request_max);

/** What became of items: their entries as they are now, in the order of the request. */
export const ItemEntries = z.object({
  items: z.array(z.union([z.object({ file: FileEntry }), z.object({ folder: FolderEntry })])),
});
export type ItemEntries = z.infer<typeof ItemEntries>;

export const RenameItem = z.strictObject({ item: ItemRef, name: z.string().max(1024) });
export const MoveItems = z.strictObject({ items: Items, folder_id: Id });
export const CopyItems = z.strictObject({ items: Items, folder_id: Id });
export const TrashItems = z.strictObject({ items: Items });
export const RestoreItems = z.strictObject({ items: Items });
/** Things in the Trash that are to be deleted for good. */
export const DeleteTrashed = z.strictObject({ items: Items });

/** What lies in the Trash, newest first. `from` is where an item came from, as names from the top. */
export const TrashListing = z.object({
  items: z.array(
    z.intersection(
      z.union([z.object({ file: FileEntry }), z.object({ folder: FolderEntry })]),
      z.object({ trashed_at: z.iso.datetime(), from: z.array(z.string()) }),
    ),
  ),
});
export type TrashListing = z.infer<typeof TrashListing>;

/** Everything there is to know of an item; a folder counts what lies below it. */
export const ItemProperties = z.object({
  name: z.string(),
  path: z.array(z.object({ id: Id, name: z.string() })),
  size_bytes: z.number().int(),
  files: z.number().int(),
  folders: z.number().int(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  mime_type: z.string().nullable(),
  sha256: z.string().nullable(),
});
export type ItemProperties = z.infer<typeof ItemProperties>;

/** Files and folders with the path of names to the folder that holds each. */
export const FoundItems = z.object({
  items: z.array(
    z.intersection(
      z.union([z.object({ file: FileEntry }), z.object({ folder: FolderEntry })]),
      z.object({ path: z.array(z.object({ id: Id, name: z.string() })) }),
    ),
  ),
});
export type FoundItems = z.infer<typeof FoundItems>;

export const StorageUsage = z.object({
  used_bytes: z.number().int(),
  limit_bytes: z.number().int().nullable(),
  trash_bytes: z.number().int(),
});
export type StorageUsage = z.infer<typeof StorageUsage>;
