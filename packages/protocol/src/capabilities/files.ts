import * as z from 'zod';
import { type CapabilityRow, FileRef, FolderRole, Id, ownFolder, readableFile } from '../schema.ts';

const BYTE_HOLDERS = new Set(['[object ArrayBuffer]', '[object Uint8Array]', '[object Blob]', '[object File]']);

/** Only crosses the bridge, where it is transferred or shared; to the server it travels as the body of the request. */
const Bytes = z.custom<BridgeBytes>(
  (value) => BYTE_HOLDERS.has(Object.prototype.toString.call(value)),
  'must be an ArrayBuffer, a Uint8Array or a Blob',
);
/** A Blob is only described here: this package knows no browser. */
export type BridgeBytes = ArrayBuffer | Uint8Array<ArrayBuffer> | { readonly size: number; readonly type: string };

export const FileBytes = FileRef.extend({
  bytesB64: z.string().optional().describe('The content as base64, which is the default.'),
  bytes: Bytes.optional().describe('The content itself, where the request asked for a buffer or a blob.'),
});

/** How bytes cross the bridge. Hosts that announce the feature "bytes" know the two others. */
const Encoding = z.enum(['base64', 'buffer', 'blob']);

const Accepts = z
  .array(
    z
      .string()
      .max(32)
      .regex(/^\.*[A-Za-z0-9][A-Za-z0-9.+-]*$/, 'is not a file name extension'),
  )
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
    windowless: true,
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
    payload: z.strictObject({ fileId: Id, encoding: Encoding.optional() }),
    result: FileBytes,
    errors: ['HANABI-F001', 'HANABI-F002', 'HANABI-F004', 'HANABI-F007'],
    example: { fileId: 'f-1' },
  },
  HANABI_OPEN_MEDIA: {
    sdk: 'openMedia',
    summary:
      'A short-lived address of one file for <video>, <audio> or <img>; it can seek, and no bytes cross the bridge.',
    home: 'server',
    needs: { all: ['files.read'] },
    widenedBy: 'files.read.all',
    scope: { file: readableFile('fileId') },
    payload: z.strictObject({ fileId: Id }),
    result: z.object({
      url: z.string(),
      name: z.string(),
      mime_type: z.string(),
      size_bytes: z.number().int(),
      expires_in: z.number().int().describe('Seconds.'),
    }),
    errors: ['HANABI-F001', 'HANABI-F002'],
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
      bytesB64: z.string().optional().describe('The content as base64; this or bytes.'),
      bytes: Bytes.optional().describe('The content itself, with hosts that announce the feature "bytes".'),
      subpath: z.string().max(4096).optional().describe('Sub-folders below the folder, separated by "/".'),
    }),
    result: z.object({ file: FileRef }),
    changes: 'files',
    windowless: true,
    errors: ['HANABI-F003', 'HANABI-F004', 'HANABI-F005', 'HANABI-F006', 'HANABI-Q003'],
    example: { name: 'result.txt', bytesB64: 'ZG9uZQ==', folderRole: 'output', subpath: '2026/june' },
  },
  HANABI_ENABLE_FILE_DROP: {
    sdk: 'onFilesDropped',
    summary:
      'From now on files that the user drops onto the window are put into the module’s input folder, and the module hears of them. A page that sees files dragged in says so with dragging, for a drag that begins right above a frame is known to that frame only; the SDK does it by itself.',
    home: 'web',
    needs: {},
    scope: {},
    payload: z.strictObject({
      /** The host then takes the drag over: it covers the page and shows where to drop. */
      dragging: z.literal(true).optional(),
    }),
    result: z.object({ ok: z.literal(true) }),
    events: ['HANABI_FILES_DROPPED'],
    errors: ['HANABI-F003'],
    example: {},
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
