import * as z from 'zod';
import {
  type CapabilityRow,
  copySource,
  FileRef,
  FolderRef,
  FolderRole,
  Id,
  manageableFolder,
  manageableItem,
  readableFolder,
  readableItem,
} from '../schema.ts';

const Name = z.string().max(1024);
const item = { fileId: Id.optional(), folderId: Id.optional() };
const destination = { destFolderRole: FolderRole.optional(), destFolderId: Id.optional() };

/** The file or the folder, whichever the request named. */
const ItemResult = z.object({ file: FileRef.optional(), folder: FolderRef.optional() });

const lookErrors = ['HANABI-F001', 'HANABI-F002', 'HANABI-F003'] as const;
const changeErrors = [...lookErrors, 'HANABI-F005', 'HANABI-F006', 'HANABI-F009'] as const;

export const fileSystem = {
  HANABI_FS_LIST: {
    sdk: 'fs.list',
    summary: 'The files and sub-folders of a folder; left out: of the module’s input folder.',
    home: 'server',
    needs: { any: ['files.read', 'files.read.all'] },
    widenedBy: 'files.read.all',
    scope: { folder: readableFolder('folderId', 'folderRole', 'input') },
    payload: z.strictObject({ folderRole: FolderRole.optional(), folderId: Id.optional() }),
    result: z.object({ folder: FolderRef, folders: z.array(FolderRef), files: z.array(FileRef) }),
    windowless: true,
    errors: lookErrors,
    example: { folderRole: 'output' },
  },
  HANABI_FS_STAT: {
    sdk: 'fs.stat',
    summary: 'What there is to know of one file or folder.',
    home: 'server',
    needs: { any: ['files.read', 'files.read.all'] },
    widenedBy: 'files.read.all',
    scope: { item: readableItem },
    payload: z.strictObject(item),
    result: z.object({
      kind: z.enum(['file', 'folder']),
      file: FileRef.optional(),
      folder: FolderRef.optional(),
      created_at: z.iso.datetime(),
      updated_at: z.iso.datetime(),
    }),
    windowless: true,
    errors: lookErrors,
    example: { fileId: 'f-1' },
  },
  HANABI_FS_MKDIR: {
    sdk: 'fs.makeDir',
    summary: 'Makes a sub-folder; left out: below the module’s workspace folder.',
    home: 'server',
    needs: { any: ['files.manage', 'files.write.all'] },
    widenedBy: 'files.write.all',
    scope: { parent: manageableFolder('parentFolderId', 'parentFolderRole', 'workspace') },
    payload: z.strictObject({ name: Name, parentFolderRole: FolderRole.optional(), parentFolderId: Id.optional() }),
    result: z.object({ folder: FolderRef }),
    changes: 'files',
    windowless: true,
    errors: changeErrors,
    example: { name: 'drafts', parentFolderRole: 'workspace' },
  },
  HANABI_FS_RENAME: {
    sdk: 'fs.rename',
    summary: 'Gives a file or folder another name.',
    home: 'server',
    needs: { any: ['files.manage', 'files.write.all'] },
    widenedBy: 'files.write.all',
    scope: { item: manageableItem },
    payload: z.strictObject({ ...item, name: Name }),
    result: ItemResult,
    changes: 'files',
    windowless: true,
    errors: changeErrors,
    example: { fileId: 'f-1', name: 'better.txt' },
  },
  HANABI_FS_MOVE: {
    sdk: 'fs.move',
    summary:
      'Moves a file or folder into a folder; left out: into the module’s output folder. Both are kept on a clash.',
    home: 'server',
    needs: { any: ['files.manage', 'files.write.all'] },
    widenedBy: 'files.write.all',
    scope: { item: manageableItem, destination: manageableFolder('destFolderId', 'destFolderRole', 'output') },
    payload: z.strictObject({ ...item, ...destination }),
    result: ItemResult,
    changes: 'files',
    windowless: true,
    errors: changeErrors,
    example: { fileId: 'f-1', destFolderRole: 'output' },
  },
  HANABI_FS_COPY: {
    sdk: 'fs.copy',
    summary: 'Copies a file into a folder; left out: into the module’s output folder. Both are kept on a clash.',
    home: 'server',
    needs: { any: ['files.manage', 'files.write.all'] },
    widenedBy: 'files.write.all',
    scope: { file: copySource('fileId'), destination: manageableFolder('destFolderId', 'destFolderRole', 'output') },
    payload: z.strictObject({ fileId: Id, ...destination }),
    result: z.object({ file: FileRef }),
    changes: 'files',
    windowless: true,
    errors: changeErrors,
    example: { fileId: 'f-1', destFolderRole: 'workspace' },
  },
  HANABI_FS_DELETE: {
    sdk: 'fs.remove',
    summary: 'Moves a file or folder to the Trash, where the user can restore it.',
    home: 'server',
    needs: { any: ['files.manage', 'files.write.all'] },
    widenedBy: 'files.write.all',
    scope: { item: manageableItem },
    payload: z.strictObject(item),
    result: z.object({ ok: z.literal(true) }),
    changes: 'files',
    windowless: true,
    errors: [...lookErrors, 'HANABI-F009'],
    example: { fileId: 'f-1' },
  },
} as const satisfies Record<string, CapabilityRow>;
