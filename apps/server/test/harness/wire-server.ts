/** Servers on this machine that speak the protocols of services elsewhere. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Heard {
  method: string;
  /** Path and query as they came. */
  target: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface WireServer {
  origin: string;
  /** Every request, as it came. */
  heard: Heard[];
  /** Takes the place of the protocol until it is undefined again. */
  instead: ((response: ServerResponse, heard: Heard) => void) | undefined;
  close(): Promise<void>;
}

export async function wireServer(answer: (heard: Heard, response: ServerResponse) => void): Promise<WireServer> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url: target = '', headers } = request;
      const heard = { method, target, headers, body };
      wire.heard.push(heard);
      if (wire.instead) wire.instead(response, heard);
      else answer(heard, response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wire: WireServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: [],
    instead: undefined,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return wire;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  json: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
}
