/** Requests that the server has its supervisor make: over the real socket, to real servers on loopback. */
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectEgress, createSandbox, type HostRequest, serveSandbox } from '../../src/index.ts';
import { closeServers, httpServer } from './servers.ts';
import { policyOf } from './worker-side.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanabi-host-fetch-'));
const socket_path = join(folder, 'supervisor.sock');
const fetch = connectEgress(socket_path);
const never = new AbortController().signal;
let served: Awaited<ReturnType<typeof serveSandbox>>;

beforeAll(async () => {
  const sandbox = await createSandbox({ backend: 'disabled', work_dir: folder, jobs_max: 1 });
  served = await serveSandbox(sandbox, socket_path);
});
afterAll(async () => {
  await served.close();
  await closeServers();
  rmSync(folder, { recursive: true });
});

const get = (url: string): HostRequest => ({ method: 'GET', url, headers: [], body: Buffer.alloc(0) });

it('takes any bytes there and back, and tells what it did', async () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 256));
  const echo = await httpServer((request, response) => {
    response.writeHead(201, { 'x-was': request.headers['x-is'] });
    request.pipe(response);
  });
  const request = { method: 'POST', url: `${echo.origin}/a?b=c`, headers: [['x-is', 'so']], body: bytes };
  const { record, outcome } = await fetch(request as HostRequest, policyOf({ opened: [echo.origin] }), never);
  expect(outcome).toMatchObject({ status: 201, headers: { 'x-was': 'so' }, body: bytes });
  expect(record).toMatchObject({
    method: 'POST',
    origin: echo.origin,
    path: '/a',
    status: 201,
    code: null,
    requests: 1,
  });
  expect([record.sent_bytes, record.received_bytes]).toEqual([1000, 1000]);
});

it('refuses what a policy does not open, and all where there is none, on the record', async () => {
  const server = await httpServer((_, response) => response.end());
  const elsewhere = await fetch(get(server.origin), policyOf({ opened: ['http://127.0.0.1:1'] }), never);
  expect(elsewhere).toMatchObject({ outcome: { code: 'HANABI-N002' }, record: { code: 'HANABI-N002', requests: 0 } });
  expect(elsewhere.outcome).toBeInstanceOf(HanabiError);
  expect(await fetch(get(server.origin), undefined, never)).toMatchObject({ outcome: { code: 'HANABI-N001' } });
  expect(server.asked).toEqual([]);
});

it('takes no more than an answer to a service may have, and than is left of a budget', async () => {
  const large = await httpServer((_, response) => response.end(Buffer.alloc(LIMITS.service_http_answer_bytes_max + 1)));
  const policy = policyOf({ opened: [large.origin] });
  expect(await fetch(get(large.origin), policy, never)).toMatchObject({ outcome: { code: 'HANABI-N005' } });
  const small = await httpServer((_, response) => response.end(Buffer.alloc(1001)));
  const left = { ...policyOf({ opened: [small.origin] }), budget: { bytes_max: 1000, requests_per_s_max: 10 } };
  const spent = { ...left, budget: { ...left.budget, bytes_max: 0 } };
  expect(await fetch(get(small.origin), spent, never)).toMatchObject({ outcome: { code: 'HANABI-N008' } });
  expect(small.asked).toEqual([]);
  expect(await fetch(get(small.origin), left, never)).toMatchObject({
    outcome: { code: 'HANABI-N008' },
  });
});

it('gives up what nobody waits for any more', async () => {
  const asked = new EventEmitter();
  const heard = once(asked, 'request');
  const silent = await httpServer((request) => asked.emit('request', request));
  const giving = new AbortController();
  const lost = fetch(get(silent.origin), policyOf({ opened: [silent.origin] }), giving.signal);
  const [{ socket }] = (await heard) as [IncomingMessage];
  const closed = once(socket, 'close');
  giving.abort();
  await expect(lost).rejects.toMatchObject({ code: 'HANABI-W016' });
  await closed;
});
