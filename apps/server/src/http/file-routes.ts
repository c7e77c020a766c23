/** The user's own folders and files, as the desktop asks for them. */
import { type Readable } from 'node:stream';
import { DESKTOP_PATHS, type FolderListing, HanabiError, LIMITS, MakeFolder, safeName } from '@hanabi/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Blob } from '../storage/blobs.ts';
import { toFileEntry, toFolderEntry } from '../storage/file-ref.ts';
import type { FolderRow } from '../storage/file-tree.ts';
import { placeOf } from '../storage/place.ts';
import { type QueryFields, queryText } from './query.ts';
import { sendContent } from './send-content.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkMakeFolder = compile(MakeFolder, 'HANABI-V008');

type ById<Query = unknown> = { Params: { id: string }; Querystring: Query };

export function fileRoutes(app: FastifyInstance, context: Context): void {
  const { folders, files } = DESKTOP_PATHS;
  const guard = { onRequest: requireSession(context) };

  // The bytes of an upload are never collected in memory; they stay a stream.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));

  app.get<ById>(`${folders}/:id`, guard, async (request): Promise<FolderListing> => {
    const folder = await userFolder(context, request, request.params.id);
    const [path, children] = [await context.tree.path(folder), await context.tree.children(folder)];
    const moduleId = placeOf(path).module_id;
    return {
      folder: toFolderEntry(folder, moduleId),
      path: path.map(({ id, name }) => ({ id, name })),
      folders: children.folders.map((child) => toFolderEntry(child, moduleId)),
      files: children.files.map(toFileEntry),
    };
  });

  app.post(folders, guard, async (request, reply) => {
    const { parent_id, name } = checkMakeFolder(request.body);
    const parent = await userFolder(context, request, parent_id);
    const [made, place] = [await context.tree.makeFolder(parent, name), await context.tree.place(parent.id)];
    return reply.code(201).send(toFolderEntry(made, place.module_id));
  });

  const upload = { ...guard, bodyLimit: LIMITS.upload_bytes_max };
  app.put<ById<QueryFields<'name'>>>(`${folders}/:id/files`, upload, async (request, reply) => {
    const folder = await userFolder(context, request, request.params.id);
    const name = safeName(queryText(request.query, 'name') ?? '');
    await context.tree.requireRoom(folder.user_id, Number(request.headers['content-length'] ?? 0));
    const blob = await receive(context, request, reply);
    const file = await context.tree.putFile(folder, name, blob, 'keep-both');
    return reply.code(201).send({ file: toFileEntry(file) });
  });

  app.route<ById<QueryFields<'inline'>>>({
    // HEAD by itself, or the framework would read all of the content to send none of it.
    method: ['GET', 'HEAD'],
    url: `${files}/:id/content`,
    ...guard,
    handler: async (request, reply) => {
      const file = await context.tree.file(request.session.user.id, request.params.id);
      if (!file) throw new HanabiError('HANABI-F001', request.params.id);
      return sendContent(context, request, reply, file, { inline: request.query.inline !== undefined });
    },
  });
}

async function userFolder(context: Context, request: FastifyRequest, id: string): Promise<FolderRow> {
  const { user } = request.session;
  const folder = await context.tree.folder(user.id, id === 'root' ? user.root_folder_id : id);
  if (!folder) throw new HanabiError('HANABI-F001', id);
  return folder;
}

async function receive(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<Blob> {
  const body = request.body as Readable | undefined;
  if (!body || typeof body[Symbol.asyncIterator] !== 'function') {
    throw new HanabiError('HANABI-V008', 'an upload is sent as application/octet-stream');
  }
  const announced = request.headers['content-length'];
  let blob: Blob;
  try {
    // Destroyed, the request would take the connection and the answer with it.
    const bytes = body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    const chunks = context.tree.withinRoom(request.session.user.id, bytes);
    blob = await context.blobs.write(chunks, LIMITS.upload_bytes_max);
  } catch (error) {
    // The rest of the bytes is not read any more, so nothing can follow them.
    reply.header('connection', 'close');
    if (error instanceof HanabiError) throw error;
    if (request.raw.aborted || (error as NodeJS.ErrnoException).code === 'ECONNRESET') {
      throw new HanabiError('HANABI-F008', undefined, { cause: error });
    }
    throw error;
  }
  if (announced !== undefined && Number(announced) !== blob.size_bytes) throw new HanabiError('HANABI-F008');
  return blob;
}
