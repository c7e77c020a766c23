import { afterEach, expect, test } from 'vitest';
import { createHanabiClient } from '../src/index.ts';
import { fakeHost, type SentMessage } from './fake-host.ts';

const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

/** Answers READY with a port, and says what arrives at the host's end of it. */
function handOverPort(host: ReturnType<typeof fakeHost>, ready: SentMessage) {
  const { port1, port2 } = new MessageChannel();
  opened.push(port1, port2);
  const arrivals: SentMessage[] = [];
  const waiting: ((message: SentMessage) => void)[] = [];
  port1.addEventListener('message', ({ data }) => {
    const next = waiting.shift();
    if (next) next(data);
    else arrivals.push(data);
  });
  port1.start();
  const data = { features: ['port'] };
  host.deliver({ v: 1, type: `${ready.type}_RESULT`, rid: ready.rid, ok: true, data }, undefined, [port2]);
  const next = () =>
    arrivals.length > 0 ? Promise.resolve(arrivals.shift()!) : new Promise<SentMessage>((done) => waiting.push(done));
  return { port: port1, next };
}

test('after a READY reply that hands over a port, requests, events and replies travel over it', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const ready = client.ready();
  const { port, next } = handOverPort(host, host.sent[0]!);
  expect((await ready).features).toEqual(['port']);

  const seen: number[] = [];
  expect(await next()).toMatchObject({ type: 'HANABI_ALIVE' });
  const job = client.createJob({}, [], (progress) => seen.push(progress.progressPct));
  const request = await next();
  expect(request).toMatchObject({ v: 1, type: 'HANABI_CREATE_JOB', stream: true });
  expect(host.sent).toHaveLength(1);
  port.postMessage({ type: 'HANABI_JOB_PROGRESS', rid: request.rid, jobId: 'j', progressPct: 50, message: '' });
  port.postMessage({ type: 'HANABI_CREATE_JOB_RESULT', rid: request.rid, ok: true, data: { job: { id: 'j' } } });
  expect((await job).job.id).toBe('j');
  expect(seen).toEqual([50]);
});

test('a request that was sent before the port came still gets its reply by the window', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const early = client.getSetting('key');
  const ready = client.ready();
  handOverPort(host, host.sent[1]!);
  await ready;
  host.reply(host.sent[0]!, { ok: true, data: { key: 'key', value: 'early' } });
  expect(await early).toBe('early');
});

test('a port in any other reply, or from anyone but the host, is left alone', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const { port1, port2 } = new MessageChannel();
  opened.push(port1, port2);
  const setting = client.getSetting('key');
  const { rid } = host.sent[0]!;
  const reply = { v: 1, type: 'HANABI_GET_SETTING_RESULT', rid, ok: true, data: { key: 'key', value: 1 } };
  host.deliver(reply, undefined, [port2]);
  await setting;
  const ready = client.ready();
  host.deliver({ ...reply, type: 'HANABI_READY_RESULT', rid: host.sent[1]!.rid }, {}, [port2]);
  host.reply(host.sent[1]!, { ok: true, data: {} });
  await ready;
  void client.listJobs().catch(() => {});
  expect(host.sent.map((message) => message.type)).toEqual(['HANABI_GET_SETTING', 'HANABI_READY', 'HANABI_LIST_JOBS']);
  client.dispose();
});

test('dispose closes the port', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const ready = client.ready();
  const { port } = handOverPort(host, host.sent[0]!);
  await ready;
  const closed = new Promise((done) => port.addEventListener('close', done));
  client.dispose();
  await closed;
});
