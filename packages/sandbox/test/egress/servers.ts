/** Servers on loopback that a worker talks to, well-behaved and otherwise. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';

export interface TestServer {
  /** As a manifest names it. */
  origin: string;
  port: number;
  /** Every request line, in order. */
  asked: string[];
  /** Connections that were opened. */
  connections: number;
  close(): Promise<void>;
}

export interface ServerPlace {
  host?: string;
  port?: number;
  /** With it the server speaks TLS. */
  tls?: { key: string; cert: string };
}

const open = new Set<TestServer>();

export async function closeServers(): Promise<void> {
  await Promise.all([...open].map((server) => server.close()));
}

export async function httpServer(listener: RequestListener, place: ServerPlace = {}): Promise<TestServer> {
  const test = { asked: [] as string[] } as TestServer;
  const heard: RequestListener = (request, response) => {
    test.asked.push(`${request.method} ${request.url}`);
    listener(request, response);
  };
  const server = place.tls ? createHttpsServer(place.tls, heard) : createHttpServer(heard);
  return listen(test, server, place);
}

/** For what no HTTP server would send. */
export async function rawServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  return listen({ asked: [] as string[] } as unknown as TestServer, server, {});
}

async function listen(test: TestServer, server: Server | TcpServer, place: ServerPlace): Promise<TestServer> {
  const { host = '127.0.0.1', port = 0, tls } = place;
  const sockets = new Set<Socket>();
  test.connections = 0;
  server.on('connection', (socket: Socket) => {
    test.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  test.port = (server.address() as AddressInfo).port;
  test.origin = `http${tls ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${test.port}`;
  test.close = async () => {
    open.delete(test);
    for (const socket of sockets) socket.destroy();
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  };
  open.add(test);
  return test;
}

export interface NameServer {
  /** As `Resolver.setServers` wants it. */
  address: string;
  /** "A name", "AAAA name", in order. */
  asked: string[];
  close(): void;
}

/** A real name server: `answer` gives the addresses for each question of type A, and is asked anew each time. */
export async function nameServer(answer: (name: string, times: number) => string[] | 'silence'): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const times = new Map<string, number>();
  socket.on('message', (question, from) => {
    const { name, type, end } = readQuestion(question);
    asked.push(`${type === 28 ? 'AAAA' : 'A'} ${name}`);
    let addresses: string[] = [];
    if (type === 1) {
      const time = (times.get(name) ?? 0) + 1;
      times.set(name, time);
      const given = answer(name, time);
      if (given === 'silence') return;
      addresses = given;
    }
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const records = addresses.map((address) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
    );
    socket.send(Buffer.concat([header, question.subarray(12, end), ...records]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, asked, close: () => socket.close() };
}

function readQuestion(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}
