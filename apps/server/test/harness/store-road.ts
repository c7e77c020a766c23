/** The way from a server to its S3 store, which can come to a standstill: nothing breaks, and nothing arrives any more. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface StoreRoad {
  endpoint: string;
  /** From now on; or when so many more bytes have gone one way. Settles when it stands. */
  stall(after?: { sent?: number; answered?: number }): Promise<void>;
  /** What is sent arrives, and no answer comes back. */
  holdAnswers(): void;
  go(): void;
  close(): void;
}

export async function storeRoad(storeUrl: string): Promise<StoreRoad> {
  const port = Number(new URL(storeUrl).port);
  const sockets = new Set<Socket>();
  const left = { sent: Number.POSITIVE_INFINITY, answered: Number.POSITIVE_INFINITY };
  const held = { sent: false, answered: false };
  const ends = { sent: new Set<Socket>(), answered: new Set<Socket>() };
  let stands: (() => void) | undefined;

  const hold = (way: keyof typeof held) => {
    held[way] = true;
    for (const socket of ends[way]) socket.pause();
  };
  const stand = () => {
    hold('sent');
    hold('answered');
    stands?.();
  };
  const lead = (from: Socket, to: Socket, way: keyof typeof held) => {
    ends[way].add(from);
    from.on('data', (bytes) => {
      const passing = bytes.subarray(0, left[way]);
      left[way] -= passing.length;
      to.write(passing);
      if (passing.length === bytes.length) return;
      stand();
      from.unshift(bytes.subarray(passing.length));
    });
    if (held[way]) from.pause();
  };

  const road = createServer((server) => {
    const store = connect(port, '127.0.0.1');
    for (const socket of [server, store]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        for (const known of [sockets, ends.sent, ends.answered]) known.delete(socket);
        server.destroy();
        store.destroy();
      });
    }
    lead(server, store, 'sent');
    lead(store, server, 'answered');
  });
  road.listen(0, '127.0.0.1');
  await once(road, 'listening');

  return {
    endpoint: `http://127.0.0.1:${(road.address() as AddressInfo).port}`,
    stall(after) {
      if (!after) stand();
      Object.assign(left, after);
      return after ? new Promise((resolve) => (stands = resolve)) : Promise.resolve();
    },
    holdAnswers: () => hold('answered'),
    go() {
      left.sent = left.answered = Number.POSITIVE_INFINITY;
      held.sent = held.answered = false;
      for (const socket of [...ends.sent, ...ends.answered]) socket.resume();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      road.close();
    },
  };
}
