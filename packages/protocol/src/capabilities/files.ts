import { z } from 'zod';
import { type CapabilityRow, FileRef, FolderRole, Id, ownFolder, readableFile } from '../schema.ts';

export const FileBytes = FileRef.extend({ bytesB64: z.string().describe('The content as base64.') });

const Accepts = z
  .array(z.string().max(32))
  .max(64)
  .optional()
  .describe('File name extensions, without a dot; left out: any file.');

export const files = {
  HANABI_PICK_FILE: {
    sdk: 'pickFile',
    summary:
      'The files of the module’s input folder; with scope "user" one file of the user, chosen in a dialog of the host and readable for this launch.',
    home: 'server',
    needs: { all: ['files.read'] },
    needsWhen: { field: 'scope', equals: 'user', declared: 'files.read.all' },
    scope: { folder: ownFolder(null, 'input') },
    payload: z.strictObject({ accepts: Accepts, scope: z.enum(['own', 'user']).optional() }),
    result: z.object({
      files: z.array(FileRef).optional().describe('With scope "own".'),
      file: FileRef.nullable().optional().describe('With scope "user"; null when the user chose nothing.'),
    }),
    errors: ['HANABI-F001', 'HANABI-F003'],
    example: { accepts: ['jpg', 'png'] },
  },
  HANABI_READ_FILE: {
    sdk: 'readFile',
    summary: 'The bytes of one file.',
    home: 'server',
    needs: { all: ['files.read'] },
    widenedBy: 'files.read.all',
    scope: { file: readableFile('fileId') },
    payload: z.strictObject({ fileId: Id }),
    result: FileBytes,
    errors: ['HANABI-F001', 'HANABI-F002', 'HANABI-F004', 'HANABI-F007'],
    example: { fileId: 'f-1' },
  },
  HANABI_WRITE_FILE: {
    sdk: 'writeFile',
    summary: 'Writes a file into a folder of the module; the sub-folders of subpath are made as needed.',
    home: 'server',
    needs: { all: ['files.write'] },
    scope: { folder: ownFolder('folderRole', 'output') },
    payload: z.strictObject({
      folderRole: FolderRole.optional(),
      name: z.string().max(1024),
      bytesB64: z.string(),
      subpath: z.string().max(4096).optional().describe('Sub-folders below the folder, separated by "/".'),
    }),
    result: z.object({ file: FileRef }),
    errors: ['HANABI-F003', 'HANABI-F004', 'HANABI-F005', 'HANABI-F006', 'HANABI-Q003'],
    example: { name: 'result.txt', bytesB64: 'ZG9uZQ==', folderRole: 'output', subpath: '2026/june' },
  },
  HANABI_OPEN_FOLDER: {
    sdk: 'openFolder',
    summary: 'Opens File Explorer at a folder of the module.',
    home: 'web',
    needs: { any: ['files.read', 'files.write'] },
    scope: { folder: ownFolder('folderRole', 'output') },
    payload: z.strictObject({ folderRole: FolderRole.optional() }),
    result: z.object({ path: z.string(), role: FolderRole }),
    errors: ['HANABI-F003'],
    example: { folderRole: 'output' },
  },
} as const satisfies Record<string, CapabilityRow>;
