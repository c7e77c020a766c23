/** Every failure becomes one body with a code, once, here. What happened inside stays in the log. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { diskError } from '../storage/disk.ts';

const CONTENT_HEADERS = ['content-type', 'content-length', 'content-range', 'content-disposition', 'etag'];

export function registerErrors(app: FastifyInstance): void {
  app.setErrorHandler(async (error, request, reply) => {
    const failure = toHanabiError(error, request);
    if (reply.raw.headersSent) return;
    // A stream may fail after the headers of the content it was to be.
    for (const name of CONTENT_HEADERS) reply.removeHeader(name);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    await reply.code(failure.http).send({ error: failure.toBody() });
  });
  app.setNotFoundHandler(async (request, reply) => {
    const error = new HanabiError('HANABI-V010', `${request.method} ${request.url.split('?')[0]!.slice(0, 200)}`);
    await reply.code(error.http).send({ error: error.toBody() });
  });
}

/** A failure with a code; one without becomes HANABI-V009, its cause logged under the request id. */
export function toHanabiError(
  error: unknown,
  request: Pick<FastifyRequest, 'id' | 'log' | 'routeOptions'>,
): HanabiError {
  const failure = diskError(error);
  const known = failure instanceof HanabiError ? failure : fromFramework(failure, request.routeOptions.bodyLimit);
  // Only what is our own fault is logged as a failure; a full queue or a disabled sandbox is an answer.
  if (known && known.http !== 500 && known.code !== 'HANABI-F012') return known;
  const cause = known?.cause ?? error;
  request.log.error({ err: cause, code: known?.code ?? 'HANABI-V009' }, 'request failed');
  if (!known) return new HanabiError('HANABI-V009', `request ${request.id}`, { requestId: request.id });
  const withId = HanabiError.fromBody({ ...known.toBody(), requestId: request.id });
  withId.cause = known.cause;
  return withId;
}

/** What the framework refuses by itself: bodies that are too large, not JSON, of an unknown type. */
function fromFramework(error: unknown, bodyLimit: number): HanabiError | undefined {
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' && bodyLimit <= LIMITS.request_body_bytes_max) {
    return new HanabiError('HANABI-V008', `the body has more than ${bodyLimit} bytes`, { cause: error });
  }
  if (statusCode === 413) return new HanabiError('HANABI-F004', undefined, { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new HanabiError('HANABI-V008', message, { cause: error });
  }
  return undefined;
}
