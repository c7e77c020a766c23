/** A way to the server that keeps the address of everything that went over it. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface RecordedRoad {
  url: string;
  port: number;
  /** `GET /path?query`, in the order of their coming. */
  travelled: string[];
  /** Where it leads. Before that it leads nowhere. */
  leadTo(url: string): void;
  close(): void;
}

export async function recordedRoad(): Promise<RecordedRoad> {
  const travelled: string[] = [];
  let target = 0;
  const note = ({ method, url }: IncomingMessage) => travelled.push(`${method} ${url}`);
  const road = createServer((asked, response) => {
    note(asked);
    const { method, url, headers } = asked;
    const away = request({ port: target, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    away.on('error', () => response.destroy());
    response.on('close', () => away.destroy());
    asked.pipe(away);
  });
  road.on('upgrade', (asked: IncomingMessage, browser: Socket, head: Buffer) => {
    note(asked);
    const server = connect(target, '127.0.0.1', () => {
      const lines = asked.rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`));
      server.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
      server.write(head);
      server.pipe(browser).pipe(server);
    });
    for (const [one, other] of [
      [browser, server],
      [server, browser],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  road.listen(0, '127.0.0.1');
  await once(road, 'listening');
  const { port } = road.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    travelled,
    leadTo: (url) => (target = Number(new URL(url).port)),
    close: () => {
      road.closeAllConnections();
      road.close();
    },
  };
}
