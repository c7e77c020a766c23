import { ALIVE, PING } from '@hanabi/protocol';
import { afterEach, expect, test } from 'vitest';
import { createHanabiClient } from '../src/index.ts';
import { fakeHost } from './fake-host.ts';

const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

/** The next message that comes by the port. */
function next(port: MessagePort): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    port.addEventListener('message', ({ data }) => resolve(data as Record<string, unknown>), { once: true });
    port.start();
  });
}

test('who takes the port says that it answers, does so when asked, and says when it leaves', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const { port1, port2 } = new MessageChannel();
  opened.push(port1, port2);
  const first = next(port1);
  const ready = client.ready();
  const { rid } = host.sent[0]!;
  host.deliver({ v: 1, type: 'HANABI_READY_RESULT', rid, ok: true, data: {} }, undefined, [port2]);
  await ready;
  expect(await first).toEqual({ v: 1, type: ALIVE, rid: expect.any(String) });
  const answer = next(port1);
  port1.postMessage({ v: 1, type: PING });
  expect(await answer).toEqual({ v: 1, type: ALIVE, rid: expect.any(String) });
  const last = next(port1);
  client.dispose();
  expect(await last).toEqual({ v: 1, type: ALIVE, rid: expect.any(String), last: true });
});

test('without a port nothing is said', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const ready = client.ready();
  host.reply(host.sent[0]!, { ok: true, data: {} });
  await ready;
  client.dispose();
  expect(host.sent.map(({ type }) => type)).toEqual(['HANABI_READY']);
});
