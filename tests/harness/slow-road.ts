/** A way to the server that can be slowed down, cut and mended, for tests of uploads. */
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface SlowRoad {
  url: string;
  /** Lets so many more bytes of the browser through, then no more until it is asked again. */
  allow(bytes: number): void;
  /** Ends every connection and refuses new ones. */
  cut(): void;
  mend(): void;
  close(): void;
}

export async function slowRoad(serverUrl: string): Promise<SlowRoad> {
  const port = Number(new URL(serverUrl).port);
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  let allowed = Number.POSITIVE_INFINITY;
  let whole = true;

  const road = createServer((browser) => {
    if (!whole) {
      browser.destroy();
      return;
    }
    const server = connect(port, '127.0.0.1');
    for (const socket of [browser, server]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        browser.destroy();
        server.destroy();
      });
    }
    server.pipe(browser);
    browser.on('data', (bytes) => {
      allowed -= bytes.length;
      server.write(bytes);
      if (allowed > 0) return;
      browser.pause();
      waiting.add(() => browser.resume());
    });
  });
  road.listen(0, '127.0.0.1');
  await once(road, 'listening');

  const allow = (bytes: number) => {
    allowed = bytes;
    for (const go of waiting) go();
    waiting.clear();
  };
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(road.address() as AddressInfo).port}`,
    allow,
    cut,
    mend: () => {
      whole = true;
      allow(Number.POSITIVE_INFINITY);
    },
    close: () => {
      cut();
      road.close();
    },
  };
}
