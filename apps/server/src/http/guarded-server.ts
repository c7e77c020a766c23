/** An HTTP server on which nobody holds a connection by doing nothing. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from '@hanabi/protocol';

export interface ConnectionLimits {
  headers_ms_max: number;
  silence_ms_max: number;
  idle_ms_max: number;
  connections_max: number;
}

const HOUSE_LIMITS: ConnectionLimits = {
  headers_ms_max: LIMITS.request_headers_ms_max,
  silence_ms_max: LIMITS.connection_silence_ms_max,
  idle_ms_max: LIMITS.connection_idle_ms_max,
  connections_max: LIMITS.connections_max,
};

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * Uploads, downloads and streams of events may take hours, so there is no bound on a request as a whole. What is bounded
 * is the silence of a client whose turn it is. While the server itself is at work, as during a job that says nothing
 * for minutes, a connection may be as silent as it likes.
 */
export function createGuardedServer(listener: RequestListener, limits: ConnectionLimits = HOUSE_LIMITS): Server {
  const server = createServer({
    requestTimeout: 0,
    headersTimeout: limits.headers_ms_max,
    keepAliveTimeout: limits.idle_ms_max,
    connectionsCheckingInterval: Math.ceil(limits.headers_ms_max / 2),
  });
  server.maxConnections = limits.connections_max;
  const exchanges = new WeakMap<Socket, Exchange>();
  server.on('request', (request, response) => {
    exchanges.set(request.socket, { request, response });
    listener(request, response);
  });
  server.setTimeout(limits.silence_ms_max, (socket: Socket) => {
    if (isServersTurn(socket, exchanges.get(socket))) socket.setTimeout(limits.silence_ms_max);
    else socket.destroy();
  });
  return server;
}

function isServersTurn(socket: Socket, exchange: Exchange | undefined): boolean {
  if (!exchange || exchange.response.writableFinished) return false;
  return exchange.request.complete && socket.writableLength === 0;
}

/** Ends the connection unless all of the body arrives within that time. */
export function boundBody(request: IncomingMessage, ms_max: number): void {
  const timer = setTimeout(() => request.destroy(), ms_max);
  const clear = () => clearTimeout(timer);
  request.once('end', clear).once('close', clear);
}
