/** Connections on which nothing happens, against real sockets; the limits are short so that the tests are. */
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { boundBody, createGuardedServer } from '../src/http/guarded-server.ts';

const SHORT = { headers_ms_max: 100, silence_ms_max: 100, idle_ms_max: 100, connections_max: 2 };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

type Listener = (...exchange: Parameters<RequestListener>) => unknown;

async function serve(listener: Listener, limits = SHORT): Promise<() => Socket> {
  server = createGuardedServer((...exchange) => void listener(...exchange), limits).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return () => connect(port, '127.0.0.1').on('error', () => {});
}

const ended = (socket: Socket) => new Promise((resolve) => socket.resume().once('close', resolve));
const answerOf = async (socket: Socket) => {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
};
const POST = 'POST / HTTP/1.1\r\nhost: x\r\n';
const GET = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';

/** Several times as long as a client may be silent. */
async function longSilence(): Promise<void> {
  for (let times = 0; times < 3; times += 1) await once(server!, 'timeout');
}

describe('a connection ends', () => {
  it('when it sends nothing', async () => {
    const open = await serve((_request, response) => response.end());
    await ended(open());
  });

  it('when its header never ends, however busily it goes on', async () => {
    const open = await serve((_request, response) => response.end());
    const socket = open();
    socket.write('GET / HTTP/1.1\r\n');
    const drip = setInterval(() => socket.write('x: y\r\n'), 10);
    await ended(socket);
    clearInterval(drip);
  });

  it('when it has been answered, and asks for nothing more', async () => {
    const open = await serve((_request, response) => response.end('ok'), { ...SHORT, silence_ms_max: 60_000 });
    const socket = open();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await answerOf(socket)).toContain('ok');
  });

  it('when it owes the rest of a body', async () => {
    const open = await serve((request) => void request.resume());
    const socket = open();
    socket.write(`${POST}content-length: 1000\r\n\r\nhalf`);
    await ended(socket);
  });

  it('when it does not read its answer', async () => {
    let closed: Promise<unknown> | undefined;
    const open = await serve((_request, response) => {
      closed = once(response, 'close');
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    });
    const socket = open();
    socket.pause().write(GET);
    await once(server!, 'request');
    await closed;
    socket.destroy();
  });

  it('when a body that has to be quick drips', async () => {
    const open = await serve(
      (request) => {
        boundBody(request, 100);
        request.resume();
      },
      { ...SHORT, silence_ms_max: 60_000 },
    );
    const socket = open();
    socket.write(`${POST}content-length: 100000\r\n\r\n`);
    const drip = setInterval(() => socket.write('x'), 10);
    await ended(socket);
    clearInterval(drip);
  });

  it('at once when there are too many', async () => {
    const open = await serve((_request, response) => response.end('ok'), { ...SHORT, silence_ms_max: 60_000 });
    const two = [open(), open()];
    for (const socket of two) await once(socket, 'connect');
    await ended(open());
    two[0]!.write(GET);
    expect(await answerOf(two[0]!)).toContain('ok');
    two[1]!.destroy();
  });
});

describe('a connection lasts', () => {
  it('while the server is at work, and says nothing', async () => {
    const open = await serve(async (_request, response) => {
      await longSilence();
      response.end('done');
    });
    const socket = open();
    socket.write(GET);
    expect(await answerOf(socket)).toContain('done');
  });

  it('between two lines of a stream', async () => {
    const open = await serve(async (request, response) => {
      boundBody(request, 100);
      request.resume();
      response.write('first\n');
      await longSilence();
      response.end('last\n');
    });
    const socket = open();
    socket.write(`${POST}connection: close\r\ncontent-length: 2\r\n\r\n{}`);
    expect(await answerOf(socket)).toContain('last');
  });

  it('while a body goes on to arrive, however long it takes', async () => {
    // A busy machine may make any piece late, but not by that much; all of them together take longer.
    const patient = { ...SHORT, silence_ms_max: 1000 };
    const open = await serve(async (request, response) => {
      let bytes = 0;
      for await (const chunk of request) bytes += (chunk as Buffer).length;
      response.end(`got ${bytes}`);
    }, patient);
    const socket = open();
    const pieces = 25;
    socket.write(`${POST}connection: close\r\ncontent-length: ${pieces}\r\n\r\n`);
    for (let piece = 0; piece < pieces; piece += 1) {
      await delay(50);
      socket.write('x');
    }
    expect(await answerOf(socket)).toContain(`got ${pieces}`);
  });
});
