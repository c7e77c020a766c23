import type { Socket } from 'node:net';
import { HanabiError } from '@hanabi/protocol';
import type { Sandbox } from '../sandbox.ts';
import type { ServiceSession, ServiceSpec } from '../service/service.ts';
import type { Answer, Question } from './messages.ts';

export interface ServiceClient {
  socket: Socket;
  orders: AsyncGenerator<Question, void, void>;
  /** The client has gone or wants an end. */
  signal: AbortSignal;
  readonly send: (socket: Socket, answer: Answer) => Promise<void>;
}

/** One service for one connection, as long as that lasts. */
export async function serveService(sandbox: Sandbox, spec: ServiceSpec, client: ServiceClient): Promise<void> {
  const { socket, signal, send } = client;
  const orders = new Orders(client.orders);
  const session = await sandbox.openService(spec, signal);
  orders.deliverTo(session);
  try {
    for await (const event of session.events) {
      await send(socket, { kind: 'service-event', event });
      if (socket.destroyed) return;
    }
    await send(socket, { kind: 'error', error: new HanabiError('HANABI-W016').toBody() });
  } finally {
    await session.close();
  }
}

/** Read from the first moment: only what is read can end, and its end is the end of the service. */
class Orders {
  #session: ServiceSession | undefined;

  constructor(orders: AsyncGenerator<Question, void, void>) {
    this.#read(orders).catch(() => {}); // the connection broke, which ends the service by itself
  }

  deliverTo(session: ServiceSession): void {
    this.#session = session;
  }

  async #read(orders: AsyncGenerator<Question, void, void>): Promise<void> {
    // Nobody orders anything before the service has told that it is loaded.
    for await (const question of orders) if (question.kind === 'order') this.#session?.send(question.order);
  }
}
