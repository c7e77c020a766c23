import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { HanabiError } from '@hanabi/protocol';
import { encodeJsonFrame } from '../frames.ts';
import type { Libraries } from '../libraries/libraries.ts';
import type { Signals } from '../run-loop.ts';
import type { JobSpec, Sandbox } from '../sandbox.ts';
import { type Answer, type Question, readMessages } from './messages.ts';
import { serveFetch } from './serve-fetch.ts';
import { serveService } from './serve-service.ts';

/**
 * Offers a sandbox on a unix socket that only this user may connect to. The sandbox itself, and the libraries
 * of its modules, stay the caller's.
 * `report` gets what the machine is to blame for: clients are told a code, the cause stays in the supervisor's log.
 */
export async function serveSandbox(
  sandbox: Sandbox,
  socket_path: string,
  report: (cause: unknown) => void = (cause) => console.error(cause),
  libraries?: Libraries,
): Promise<{ close(): Promise<void> }> {
  const connections = new Set<Promise<void>>();
  const stopping = new AbortController();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const offer = { sandbox, libraries };
    const served = serveConnection(offer, socket, stopping.signal, report).finally(() => connections.delete(served));
    connections.add(served);
  });
  await rm(socket_path, { force: true });
  await listenPrivately(server, socket_path);
  return {
    async close() {
      server.close();
      stopping.abort();
      await Promise.all(connections);
    },
  };
}

/** With the mode 0600 from the first instant: a chmod after the fact would leave a gap. */
async function listenPrivately(server: Server, socket_path: string): Promise<void> {
  const umask = process.umask(0o177);
  try {
    server.listen(socket_path);
  } finally {
    process.umask(umask);
  }
  await once(server, 'listening');
}

interface Offer {
  sandbox: Sandbox;
  libraries: Libraries | undefined;
}

async function serveConnection(
  { sandbox, libraries }: Offer,
  socket: Socket,
  stopping: AbortSignal,
  report: (cause: unknown) => void,
): Promise<void> {
  const cancel = new AbortController();
  const abort = () => cancel.abort();
  // 'end' is a client that cancels and still listens, 'close' is one that is gone.
  socket.once('end', abort).once('close', abort).on('error', abort);
  stopping.addEventListener('abort', abort);
  try {
    const messages = readMessages<Question>(socket.iterator({ destroyOnReturn: false }));
    const { value: question } = await messages.next();
    if (question?.kind === 'service') {
      await serveService(sandbox, question.spec, { socket, orders: messages, signal: cancel.signal, send });
      return;
    }
    const wish = new AbortController();
    const went = goOf(messages, cancel.signal, wish);
    if (question?.kind === 'status') await send(socket, { kind: 'status', status: await sandbox.status() });
    if (question?.kind === 'run')
      await serveJob(sandbox, question.spec, socket, { signal: cancel.signal, wish: wish.signal, went });
    if (question?.kind === 'fetch') await send(socket, await serveFetch(question, cancel.signal));
    if (question?.kind === 'prepare-libraries') {
      if (!libraries) throw new HanabiError('HANABI-W002');
      await send(socket, { kind: 'layer', layer: await libraries.prepare(question.requirements) });
    }
    if (question?.kind === 'collect-libraries') {
      await libraries?.collect(question.needed);
      await send(socket, { kind: 'collected' });
    }
  } catch (error) {
    const known = error instanceof HanabiError ? error : new HanabiError('HANABI-V009', undefined, { cause: error });
    if (known.cause !== undefined) report(known.cause);
    await send(socket, { kind: 'error', error: known.toBody() });
  } finally {
    stopping.removeEventListener('abort', abort);
    socket.end();
  }
}

/** Settles with the client's `go`, or when there will be none. Hears of its wishes, and reads on, because only what is read can end. */
function goOf(
  messages: AsyncGenerator<Question, void, void>,
  signal: AbortSignal,
  wish: AbortController,
): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve());
    const listen = async () => {
      for await (const message of messages) {
        if (message.kind === 'go') resolve();
        if (message.kind === 'cancel') wish.abort(message.reason);
      }
    };
    listen().catch(() => {}); // the connection broke, which cancels the job by itself
  });
}

interface Steering extends Signals {
  went: Promise<void>;
}

async function serveJob(
  sandbox: Sandbox,
  spec: JobSpec,
  socket: Socket,
  { signal, wish, went }: Steering,
): Promise<void> {
  const job = sandbox.runJob(spec, signal, wish);
  try {
    for (;;) {
      const step = await job.next();
      if (step.done) {
        await send(socket, { kind: 'result', result: step.value });
        return;
      }
      await send(socket, { kind: 'event', event: step.value });
      // Pulling on for nobody would not let the event loop tell of the loss, and the job live on until it is empty.
      if (socket.destroyed) return;
      if (step.value.kind === 'admitted') await went;
    }
  } finally {
    await job.return(undefined as never);
  }
}

/** Waits while the client is slow; what a vanished client would have been told is dropped. */
async function send(socket: Socket, answer: Answer): Promise<void> {
  if (socket.destroyed || socket.write(encodeJsonFrame(answer))) return;
  await new Promise<void>((resolve) => {
    const settle = () => {
      socket.off('drain', settle).off('close', settle);
      resolve();
    };
    socket.once('drain', settle).once('close', settle);
  });
}
