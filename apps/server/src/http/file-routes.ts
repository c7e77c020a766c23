/** The user's own folders and files, as the desktop asks for them. */
import { type Readable } from 'node:stream';
import { DESKTOP_PATHS, type FolderListing, HanabiError, LIMITS, MakeFolder, safeName } from '@hanabi/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Blob } from '../storage/blobs.ts';
import { toFileEntry, toFolderEntry } from '../storage/file-ref.ts';
import type { FileRow, FolderRow } from '../storage/file-tree.ts';
import { USER_CONTENT_HEADERS } from './security-headers.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkMakeFolder = compile(MakeFolder, 'HANABI-V008');

type ById<Query = unknown> = { Params: { id: string }; Querystring: Query };

/** Pictures that a browser only ever paints. SVG is a document and not among them. */
const RASTER_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp']);

export function fileRoutes(app: FastifyInstance, context: Context): void {
  const { folders, files } = DESKTOP_PATHS;
  const guard = { onRequest: requireSession(context) };

  // The bytes of an upload are never collected in memory; they stay a stream.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));

  app.get<ById>(`${folders}/:id`, guard, async (request): Promise<FolderListing> => {
    const folder = await userFolder(context, request, request.params.id);
    const [path, children] = [await context.tree.path(folder), await context.tree.children(folder)];
    return {
      folder: toFolderEntry(folder),
      path: path.map(({ id, name }) => ({ id, name })),
      folders: children.folders.map(toFolderEntry),
      files: children.files.map(toFileEntry),
    };
  });

  app.post(folders, guard, async (request, reply) => {
    const { parent_id, name } = checkMakeFolder(request.body);
    const parent = await userFolder(context, request, parent_id);
    return reply.code(201).send(toFolderEntry(await context.tree.makeFolder(parent, name)));
  });

  const upload = { ...guard, bodyLimit: LIMITS.upload_bytes_max };
  app.put<ById<{ name?: string }>>(`${folders}/:id/files`, upload, async (request, reply) => {
    const folder = await userFolder(context, request, request.params.id);
    const name = safeName(request.query.name ?? '');
    const blob = await receive(context, request);
    const file = await context.tree.putFile(folder, name, blob, 'keep-both');
    return reply.code(201).send({ file: toFileEntry(file) });
  });

  app.get<ById<{ inline?: string }>>(`${files}/:id/content`, guard, async (request, reply) => {
    const file = await context.tree.file(request.session.user.id, request.params.id);
    if (!file) throw new HanabiError('HANABI-F001', request.params.id);
    return sendContent(context, reply, file, request.query.inline !== undefined);
  });
}

async function userFolder(context: Context, request: FastifyRequest, id: string): Promise<FolderRow> {
  const { user } = request.session;
  const folder = await context.tree.folder(user.id, id === 'root' ? user.root_folder_id : id);
  if (!folder) throw new HanabiError('HANABI-F001', id);
  return folder;
}

async function receive(context: Context, request: FastifyRequest): Promise<Blob> {
  const body = request.body as Readable | undefined;
  if (!body || typeof body[Symbol.asyncIterator] !== 'function') {
    throw new HanabiError('HANABI-V008', 'an upload is sent as application/octet-stream');
  }
  const announced = request.headers['content-length'];
  let blob: Blob;
  try {
    blob = await context.blobs.write(body, LIMITS.upload_bytes_max);
  } catch (error) {
    if (request.raw.aborted || (error as NodeJS.ErrnoException).code === 'ECONNRESET') {
      throw new HanabiError('HANABI-F008', undefined, { cause: error });
    }
    throw error;
  }
  if (announced !== undefined && Number(announced) !== blob.size_bytes) throw new HanabiError('HANABI-F008');
  return blob;
}

async function sendContent(
  context: Context,
  reply: FastifyReply,
  file: FileRow,
  inline: boolean,
): Promise<FastifyReply> {
  const painted = inline && RASTER_TYPES.has(file.mime_type);
  reply.headers(USER_CONTENT_HEADERS);
  reply.header('content-type', painted ? file.mime_type : 'application/octet-stream');
  reply.header('content-length', file.size_bytes);
  reply.header(
    'content-disposition',
    `${painted ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeName(file.name)}`,
  );
  return reply.send(context.blobs.stream(file.sha256));
}

/** RFC 5987: what encodeURIComponent leaves alone and the header grammar does not. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
