/** Whoever leaves ends what was begun for them, also before the first line was theirs to read. */
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorkflowCheckLine } from '@hanabi/protocol';
import { fastify } from 'fastify';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { sendCheck } from '../src/http/send-check.ts';
import { whileListening } from '../src/http/while-listening.ts';

const app = fastify();
/** What a check waits for before its first line, such as its turn. `left`: its asker has gone. */
let turn: (left: Promise<unknown>) => Promise<unknown>;
const ended = vi.fn();

async function* check(left: Promise<unknown>): AsyncGenerator<WorkflowCheckLine, void, void> {
  try {
    await turn(left);
    yield { kind: 'begun', total: 1, left_out: 0 };
    await left;
    yield { kind: 'begun', total: 1, left_out: 0 };
  } finally {
    ended();
  }
}

app.post('/', (asked, reply) => {
  const signal = whileListening(reply);
  return sendCheck(asked, reply, check(once(reply.raw, 'close')), signal);
});
let port: number;
beforeAll(async () => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  port = (app.server.address() as AddressInfo).port;
});
beforeEach(() => void ended.mockClear());
afterAll(() => app.close());

it('a check ends when its asker has left while it waited for its turn', async () => {
  const asking = request({ port, host: '127.0.0.1', method: 'POST' }).on('error', () => {});
  turn = (left) => {
    asking.destroy();
    return left;
  };
  asking.end();
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), { timeout: 10_000 });
});

it('and when they leave while they read', async () => {
  const asking = request({ port, host: '127.0.0.1', method: 'POST' }).on('error', () => {});
  turn = () => Promise.resolve();
  asking.end();
  const [answer] = (await once(asking, 'response')) as [NodeJS.ReadableStream];
  await once(answer, 'data');
  asking.destroy();
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), { timeout: 10_000 });
});
