import {
  base64BytesChecked,
  extensionOf,
  HanabiError,
  LIMITS,
  MIB,
  type Payloads,
  requirePermission,
  type Results,
  safeName,
  safeSubpath,
} from '@hanabi/protocol';
import { mintMediaTicket } from '../modules/media-tickets.ts';
import { toFileRef } from '../storage/file-ref.ts';
import { type Call, ContentAnswer } from './call.ts';

export async function pickFile(call: Call<'HANABI_PICK_FILE'>): Promise<Results['HANABI_PICK_FILE']> {
  const { payload, scope, context } = call;
  // The user picks in a dialog of the desktop, which then tells the server which file it was.
  if (payload.scope === 'user') throw new HanabiError('HANABI-P003', 'a file of the user is picked in a dialog');
  const accepts = payload.accepts?.map((extension) => extension.replace(/^\.+/, '').toLowerCase());
  const files = await context.tree.filesIn(scope.folder);
  const accepted = accepts?.length ? files.filter((file) => accepts.includes(extensionOf(file.name))) : files;
  return { files: accepted.map(toFileRef) };
}

export async function readFile(call: Call<'HANABI_READ_FILE'>): Promise<Results['HANABI_READ_FILE'] | ContentAnswer> {
  const { file } = call.scope;
  const { encoding = 'base64' } = call.payload;
  if (encoding !== 'base64') return new ContentAnswer(toFileRef(file), file);
  if (file.size_bytes > LIMITS.file_base64_bytes_max) {
    const most = LIMITS.file_base64_bytes_max / MIB;
    throw new HanabiError(
      'HANABI-F004',
      `"${file.name}" has more than ${most} MiB; ask for the encoding "buffer" or "blob"`,
    );
  }
  await call.holdFile(file.size_bytes);
  const bytes = await call.context.blobs.read(file.sha256);
  return { ...toFileRef(file), bytesB64: bytes.toString('base64') };
}

export async function openMedia(call: Call<'HANABI_OPEN_MEDIA'>): Promise<Results['HANABI_OPEN_MEDIA']> {
  const { launch } = call.caller;
  return mintMediaTicket(call.context, { launch, file: call.scope.file });
}

export async function writeFile(call: Call<'HANABI_WRITE_FILE'>): Promise<Results['HANABI_WRITE_FILE']> {
  const { payload, scope, context, upload } = call;
  // All that can be wrong with the request is found before anything is written.
  const name = safeName(payload.name);
  const below = safeSubpath(payload.subpath ?? '');
  const content = upload ?? decodeBase64(payload);
  const folder = await context.tree.ensurePath(scope.folder, below);
  const blob = await (Buffer.isBuffer(content)
    ? context.blobs.writeBytes(content)
    : context.blobs.write(content, LIMITS.upload_bytes_max));
  if (upload) await requireStillGranted(call);
  return { file: toFileRef(await context.tree.putFile(folder, name, blob, 'replace')) };
}

/** Bytes may take long to arrive, and what allowed the call may have been taken back meanwhile. */
async function requireStillGranted({ context, caller }: Call<'HANABI_WRITE_FILE'>): Promise<void> {
  const { user, module, launch } = caller;
  const { launches, registry } = context;
  await launches.seek({ id: launch.id });
  if (!launches.find(launch.id)) throw new HanabiError('HANABI-M002');
  requirePermission('files.write', await registry.rights(registry.getInUse(module.id, user.id), user.id));
}

/** Strict, because Buffer skips over what is not base64 and would store less than was sent. */
function decodeBase64({ bytesB64: text, bytes: misplaced }: Payloads['HANABI_WRITE_FILE']): Buffer {
  if (text === undefined || misplaced !== undefined) {
    throw new HanabiError('HANABI-V002', 'the content comes as "bytesB64", or as "bytes" in the body of the request');
  }
  base64BytesChecked(text);
  const bytes = Buffer.from(text, 'base64');
  const unpadded = text.replace(/={1,2}$/, '');
  const expected = Math.floor((unpadded.length * 3) / 4);
  if (
    bytes.length !== expected ||
    unpadded.length % 4 === 1 ||
    bytes.toString('base64').replace(/=+$/, '') !== unpadded
  ) {
    throw new HanabiError('HANABI-V002', '"bytesB64" is not base64');
  }
  return bytes;
}
