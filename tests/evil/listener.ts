/** Somebody on loopback who hears whatever arrives, over TCP or UDP. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listener {
  url: string;
  port: number;
  /** `tcp` for a connection, `udp` for a datagram, and `GET /path` for a request, in the order of their coming. */
  heard: string[];
  close(): Promise<void>;
}

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** `pages` are served as HTML, or as a script where their path says so; anything else is answered with a picture. */
export async function listenForAnything(pages: Record<string, string> = {}): Promise<Listener> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    const page = pages[request.url!.split('?')[0]!];
    const type = request.url!.includes('.js') ? 'text/javascript' : page === undefined ? 'image/gif' : 'text/html';
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    response.setHeader('access-control-allow-headers', '*');
    response.setHeader('content-type', type).end(page ?? (type === 'image/gif' ? PIXEL : ''));
  });
  server.on('connection', () => heard.push('tcp'));
  server.on('upgrade', (request, socket) => {
    heard.push(`UPGRADE ${request.url}`);
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const datagrams = await bindDatagrams(port, heard);
  const close = async () => {
    datagrams.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, port, heard, close };
}

async function bindDatagrams(port: number, heard: string[]): Promise<UdpSocket> {
  const socket = createSocket('udp4', () => heard.push('udp'));
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
