/** Sends the content of a user's file: whole or a part, or nothing when the browser has it. Never as a document of ours. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { LIMITS } from '@hanabi/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { FileRow } from '../storage/file-tree.ts';
import { type ByteRange, entityTag, requestedPart } from './range.ts';
import { USER_CONTENT_HEADERS } from './security-headers.ts';

type Content = Pick<FileRow, 'name' | 'mime_type' | 'size_bytes' | 'sha256'>;

/** Pictures that a browser only ever paints. SVG is a document and not among them. */
const RASTER_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp', 'image/apng'];
/** Sound and film, without the playlists that name further addresses. */
const AUDIO_TYPES = ['mpeg', 'mp4', 'ogg', 'wav', 'x-wav', 'webm', 'flac', 'x-flac', 'aac', 'x-aac'];
const VIDEO_TYPES = ['mp4', 'webm', 'ogg', 'quicktime', 'x-m4v', 'x-matroska', 'matroska', 'mpeg', '3gpp'];
const SHOWN_TYPES = new Set([
  ...RASTER_TYPES,
  ...AUDIO_TYPES.map((type) => `audio/${type}`),
  ...VIDEO_TYPES.map((type) => `video/${type}`),
]);

export interface SendOptions {
  /** Shown in place where its type is one that is only ever painted or played; otherwise offered for saving. */
  inline: boolean;
  /** On top of those for any user's content. */
  headers?: Record<string, string>;
}

export async function sendContent(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  content: Content,
  { inline, headers = {} }: SendOptions,
): Promise<FastifyReply> {
  const tag = entityTag(content.sha256);
  const size = content.size_bytes;
  const part = requestedPart(request.headers, tag, size);
  const always = { ...USER_CONTENT_HEADERS, etag: tag, 'accept-ranges': 'bytes', ...headers };
  if (part === 'not-modified') return reply.headers(always).code(304).send();
  // Nothing reads the body of this answer: whoever sends ranges looks at its header.
  if (part === 'unsatisfiable')
    return reply
      .headers({ ...always, 'content-range': `bytes */${size}` })
      .code(416)
      .send();
  // Before any header is set: a failure is an answer of another kind.
  const bytes = request.method === 'HEAD' ? undefined : await bytesOf(context, content, part);
  const shown = inline && SHOWN_TYPES.has(content.mime_type);
  reply.headers({
    ...always,
    'content-type': shown ? content.mime_type : 'application/octet-stream',
    'content-disposition': disposition(shown ? 'inline' : 'attachment', content.name),
    'content-length': bytesIn(part, size),
  });
  if (part !== 'whole') reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${size}`);
  return reply.send(bytes);
}

function bytesIn(part: 'whole' | ByteRange, sizeBytes: number): number {
  return part === 'whole' ? sizeBytes : part.end - part.start + 1;
}

/** Small contents are cheaper at once than as a stream. Both are checked: damage ends with HANABI-F007. */
async function bytesOf(context: Context, content: Content, part: 'whole' | ByteRange): Promise<Buffer | Readable> {
  const { sha256, size_bytes } = content;
  if (size_bytes <= LIMITS.sent_at_once_bytes_max) {
    const bytes = await context.blobs.read(sha256);
    return part === 'whole' ? bytes : bytes.subarray(part.start, part.end + 1);
  }
  const stream = context.blobs.stream(sha256, part === 'whole' ? undefined : part);
  // What is known to be damaged before the first byte is an answer with a code, later a connection that breaks off.
  await once(stream, 'readable');
  return stream;
}

export function disposition(kind: 'inline' | 'attachment', name: string): string {
  return `${kind}; filename*=UTF-8''${encodeName(name)}`;
}

/** RFC 5987: what encodeURIComponent leaves alone and the header grammar does not. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
