/**
 * The handshake of the live channel. Browsers open a WebSocket for any page to any place, with the cookies of that place
 * and without asking: so an origin that is not the desktop's own, or none at all, is refused, and so is whoever does not
 * know the CSRF token, which comes as a subprotocol. Nothing is upgraded before all of that is known.
 */
import { STATUS_CODES } from 'node:http';
import { DESKTOP_PATHS, HanabiError, LIMITS, LIVE_PROTOCOL, LIVE_TOKEN_PREFIX } from '@hanabi/protocol';
import type { WebsocketPluginOptions } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sameToken } from '../accounts/sessions.ts';
import type { Context } from '../context.ts';
import { LiveCalls } from '../live/calls.ts';
import { LiveConnection } from '../live/connection.ts';
import { webSocketUpgrades } from '../live/upgrades.ts';
import { toHanabiError } from './errors.ts';
import { liveSession, requireSameOrigin, SESSION_COOKIE } from './session-guard.ts';

/** What the framework is told of WebSockets. */
export function liveSockets(app: FastifyInstance, context: Context): WebsocketPluginOptions {
  return {
    options: {
      server: webSocketUpgrades(app.server, (request, response) => app.routing(request, response)),
      maxPayload: LIMITS.live_message_bytes_max,
      // Costs memory for every channel, and most messages are small.
      perMessageDeflate: false,
      handleProtocols: () => LIVE_PROTOCOL,
    },
    errorHandler: (error, socket, request) => {
      request.log.info({ err: error }, 'a live channel broke');
      // One that is closing already says why.
      if (socket.readyState === socket.OPEN) socket.terminate();
    },
    preClose(done) {
      context.live.close();
      this.websocketServer.close();
      done();
    },
  };
}

export function liveRoute(app: FastifyInstance, context: Context): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.route({
    method: 'GET',
    url: DESKTOP_PATHS.live,
    onRequest: async (request, reply) => {
      try {
        request.session = await admit(context, request);
      } catch (error) {
        if (!request.ws) throw error;
        reply.hijack();
        refuse(request, toHanabiError(error, request));
      }
    },
    handler: async () => {
      throw new HanabiError('HANABI-V008', 'this address is for a WebSocket');
    },
    wsHandler: (socket, request) => {
      const { user, token_hash } = request.session;
      const token = request.cookies[SESSION_COOKIE];
      const connection = new LiveConnection({
        socket,
        user_id: user.id,
        token_hash,
        parse: (text) => parseWith(parseJson, request, text),
        onRequest: (message) => calls.take(message),
        onClosed: () => {
          detach();
          calls.close();
        },
      });
      const calls = new LiveCalls({
        context,
        connection,
        session: () => liveSession(context, token),
        explain: (error, call) => {
          const { id, log, routeOptions } = request;
          return toHanabiError(error, { id: `${id}-${call}`, log, routeOptions });
        },
      });
      const detach = context.live.attach(connection);
    },
  });
}

async function admit(context: Context, request: FastifyRequest) {
  requireSameOrigin(request);
  if (request.headers.origin === undefined) throw new HanabiError('HANABI-A005', 'it has no origin');
  const session = await liveSession(context, request.cookies[SESSION_COOKIE]);
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const token = offered.find((name) => name.startsWith(LIVE_TOKEN_PREFIX))?.slice(LIVE_TOKEN_PREFIX.length);
  if (!offered.includes(LIVE_PROTOCOL) || !sameToken(token, session.csrf_token)) {
    throw new HanabiError('HANABI-A005', 'the CSRF token is missing or wrong');
  }
  context.live.requireRoom(session.user.id, session.token_hash);
  return session;
}

/** By hand: the framework destroys the connection of a refused handshake before its answer has left. */
function refuse({ raw }: FastifyRequest, error: HanabiError): void {
  const body = JSON.stringify({ error: error.toBody() });
  const head = [
    `HTTP/1.1 ${error.http} ${STATUS_CODES[error.http]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ];
  raw.socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** The framework's own parser of bodies: what is refused over HTTP is refused here. It answers before it returns. */
function parseWith(parse: ReturnType<FastifyInstance['getDefaultJsonParser']>, request: FastifyRequest, text: string) {
  let failure: Error | null = null;
  let value: unknown;
  void parse(request, text, (error, parsed) => {
    failure = error;
    value = parsed;
  });
  if (failure) throw failure as Error;
  return value;
}
