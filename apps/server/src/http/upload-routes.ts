/** Resumable uploads: the tus protocol, version 1.0, for those who are signed in. */
import { PassThrough, Readable } from 'node:stream';
import { DESKTOP_PATHS, type ErrorCode, HanabiError, KIB, LIMITS } from '@hanabi/protocol';
import { Server } from '@tus/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { diskError } from '../storage/disk.ts';
import { UploadLocker, UploadStore } from '../storage/upload-store.ts';
import { requireSession } from './session-guard.ts';

/** On the answer that ends an upload: the id of the file that it has become. */
export const FILE_HEADER = 'x-hanabi-file';
const CONTENT_TYPE = 'application/offset+octet-stream';
/** How long a request that is asked to make way may take to keep what it has. */
const MAKE_WAY_MS = 1000;

const BODY_BYTES_AHEAD = 256 * KIB;

/** Only these of a request mean something to the protocol; cookies and what proxies say do not. */
const REQUEST_HEADERS = [
  'content-type',
  'content-length',
  'host',
  'tus-resumable',
  'upload-length',
  'upload-defer-length',
  'upload-metadata',
  'upload-offset',
  'upload-concat',
];

export function uploadRoutes(app: FastifyInstance, context: Context): void {
  const locker = new UploadLocker();
  app.register(async (scope) => {
    scope.addContentTypeParser(CONTENT_TYPE, (_request, payload, done) => done(null, payload));
    const options = { onRequest: requireSession(context), bodyLimit: LIMITS.upload_bytes_max };
    const handler = (request: FastifyRequest, reply: FastifyReply) => serve(context, locker, request, reply);
    const { uploads: url } = DESKTOP_PATHS;
    scope.route({ method: ['POST', 'OPTIONS'], url, ...options, handler });
    scope.route({ method: ['HEAD', 'PATCH', 'DELETE'], url: `${url}/:id`, ...options, handler });
  });
}

async function serve(
  context: Context,
  locker: UploadLocker,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { uploads } = context;
  const { id: userId } = request.session.user;
  const finish = async (id: string) => uploads.finish(await uploads.get(userId, id));
  let failure: HanabiError | undefined;
  const tus = new Server({
    path: DESKTOP_PATHS.uploads,
    datastore: new UploadStore(uploads, userId),
    locker,
    lockDrainTimeout: MAKE_WAY_MS,
    maxSize: LIMITS.upload_bytes_max,
    relativeLocation: true,
    namingFunction: newId,
    onUploadFinish: async (_request, upload) => ({ headers: { [FILE_HEADER]: await finish(upload.id) } }),
    onResponseError: (_request, error) => {
      failure = ownFailure(error);
      return undefined;
    },
  });
  const { body, ...head } = webRequest(request);
  const response = await tus.handleWeb(new Request(`http://upload${request.url}`, { ...head, ...body?.init }));
  if (failure || response.status >= 400) body?.discard();
  if (failure) throw failure;
  if (response.status >= 400) return refuse(reply, response.status, await response.text());
  reply.code(response.status).header('cache-control', 'no-store');
  for (const [name, value] of response.headers) if (isAnswered(name)) reply.header(name, value);
  // The answer that told of the file may have been lost, or the server was killed before it had made it.
  const offset = response.headers.get('upload-offset');
  if (request.method === 'HEAD' && offset === response.headers.get('upload-length')) {
    reply.header(FILE_HEADER, await finish((request.params as { id: string }).id));
  }
  return reply.send();
}

function webRequest(request: FastifyRequest): { method: string; headers: Headers; body: Body | undefined } {
  const headers = new Headers();
  for (const name of REQUEST_HEADERS) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  return {
    method: request.method,
    headers,
    body: request.body instanceof Readable ? new Body(request.raw) : undefined,
  };
}

/** The bytes of a request, which the library may leave unread without the connection hanging for it. */
class Body {
  readonly init: { body: ReadableStream; duplex: 'half' };
  private readonly source: Readable;
  private readonly bytes = new PassThrough({ highWaterMark: BODY_BYTES_AHEAD });

  constructor(source: Readable) {
    this.source = source;
    source.on('error', (error) => this.bytes.destroy(error));
    source.pipe(this.bytes);
    this.init = { body: Readable.toWeb(this.bytes) as ReadableStream, duplex: 'half' };
  }

  discard(): void {
    this.source.unpipe(this.bytes);
    this.source.resume();
  }
}

/** The rest is for other origins, or said by us. */
function isAnswered(header: string): boolean {
  return !header.startsWith('access-control-') && header !== 'content-type';
}

/** A failure of ours, or undefined for one that the library made up. */
function ownFailure(error: Error | { status_code: number; body: string }): HanabiError | undefined {
  const known = diskError(error);
  if (known instanceof HanabiError) return known;
  return 'status_code' in error ? undefined : new HanabiError('HANABI-V009', undefined, { cause: error });
}

/** What the protocol itself refuses keeps the status that its clients go by. */
function refuse(reply: FastifyReply, status: number, text: string): FastifyReply {
  const codes: Record<number, ErrorCode> = { 404: 'HANABI-F001', 410: 'HANABI-F001', 413: 'HANABI-F004' };
  const error = new HanabiError(codes[status] ?? 'HANABI-V008', text.trim());
  return reply.code(status).send({ error: error.toBody() });
}
