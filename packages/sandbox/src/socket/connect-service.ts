import type { Socket } from 'node:net';
import { HanabiError } from '@hanabi/protocol';
import { encodeJsonFrame } from '../frames.ts';
import type { ServiceEvent, ServiceOrder, ServiceSession } from '../service/service.ts';
import { type Answer, readMessages } from './messages.ts';

const DONE = { done: true } as const;

/** A service at the other end of a connection. */
export function connectService(socket: Socket, signal: AbortSignal): ServiceSession {
  // Half of the connection ends; the other half says when the service is dead.
  const cancel = () => void socket.end();
  let closing: Promise<void> | undefined;

  async function* events(): AsyncGenerator<ServiceEvent, void, void> {
    try {
      for await (const answer of readMessages<Answer>(socket)) {
        if (answer.kind === 'service-event') yield answer.event;
        if (answer.kind === 'error') {
          if (closing) return;
          throw HanabiError.fromBody(answer.error);
        }
      }
    } catch (error) {
      if (error instanceof HanabiError) throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
      socket.destroy();
    }
    if (!closing) throw new HanabiError('HANABI-W015', 'the supervisor went away while the service ran');
  }

  const told = events();

  async function close(): Promise<void> {
    cancel();
    // Only what is read to its end ends; whoever waits for an event gets what comes before.
    while (!(await told.next().catch(() => DONE)).done);
  }

  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  return {
    events: told,
    send(order: ServiceOrder) {
      if (socket.writable) socket.write(encodeJsonFrame({ kind: 'order', order }));
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
