/** Files as base64 are held in memory: however many are asked for at a time, the server does not grow with them. */
import { readFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { LAUNCH_HEADER, type Launch, LIMITS, MIB, PAYLOAD_HEADER } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { apiProcessOf } from './harness/processes.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

/** Two of them are more than the share of one user. */
const FILE_BYTES = 20 * MIB;
const AT_ONCE = 10;

let server: RunningServer;
let desktop: Desktop;
let launch: Launch;
let fileId: string;
beforeAll(async () => {
  const dir = await makeModule({ id: 'reader', permissions: ['files.read', 'files.write', 'settings.self'] });
  server = await startServer({ env: { HANABI_MODULE_DIRS: dir }, users: ['other'] });
  desktop = await Desktop.signIn(server.url);
  fileId = (await desktop.upload('large.bin', Buffer.alloc(FILE_BYTES, 'abc'))).id;
  launch = await desktop.launch('reader', { file_id: fileId });
});
afterAll(() => server.stop());

const headers = (type = 'application/json') => ({
  cookie: desktop.cookie,
  'x-hanabi-csrf': desktop.csrf,
  [LAUNCH_HEADER]: launch.id,
  'content-type': type,
});
const read = (signal?: AbortSignal) =>
  fetch(`${server.url}/api/capabilities/HANABI_READ_FILE`, {
    method: 'POST',
    headers: headers(),
    body: JSON.stringify({ fileId }),
    ...(signal && { signal }),
  });

async function bytesOf(response: Response): Promise<number> {
  let bytes = 0;
  for await (const chunk of response.body!) bytes += chunk.length;
  return bytes;
}

/** Most memory that the API process has had until now. */
async function peakBytes(): Promise<number> {
  const api = await apiProcessOf(server.process.pid!);
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${api}/status`, 'utf8'))![1]) * 1024;
}

describe('files as base64', () => {
  it('all arrive, and never more than a share of them is in memory', async () => {
    const before = await peakBytes();
    const sizes = await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const response = await read();
        expect(response.status).toBe(200);
        return bytesOf(response);
      }),
    );
    expect(Math.min(...sizes)).toBeGreaterThan((FILE_BYTES * 4) / 3);
    // Without a bound each of them takes about four times its size.
    expect((await peakBytes()) - before).toBeLessThan(2.5 * AT_ONCE * FILE_BYTES);
  }, 120_000);

  it('wait for those that do not read on, and go on when these are gone', async () => {
    const lost = new AbortController();
    const stuck = await read(lost.signal);
    expect(stuck.status).toBe(200);
    let answered = false;
    const waiting = read().finally(() => {
      answered = true;
    });
    const other = await Desktop.signIn(server.url, 'other', 'other');
    // The share of one user is not that of another.
    const theirs = await other.upload('large.bin', Buffer.alloc(FILE_BYTES));
    const theirLaunch = await other.launch('reader', { file_id: theirs.id });
    expect((await other.ask(theirLaunch, 'HANABI_READ_FILE', { fileId: theirs.id })).ok).toBe(true);
    expect(answered).toBe(false);
    lost.abort();
    expect(await bytesOf(await waiting)).toBeGreaterThan(FILE_BYTES);
  });

  it('are free again when their senders go away in the middle', async () => {
    const size = Math.ceil((FILE_BYTES * 4) / 3);
    for (let round = 0; round < 20; round += 1) {
      await new Promise<void>((resolve) => {
        const sending = send(`${server.url}/api/capabilities/HANABI_WRITE_FILE`, {
          method: 'POST',
          headers: { ...headers(), 'content-length': size },
        });
        sending.on('error', () => {}).once('close', () => resolve());
        sending.write(`{"name":"a.txt","bytesB64":"${'A'.repeat(1000)}`, () => sending.destroy());
      });
    }
    const answer = await desktop.ask(launch, 'HANABI_WRITE_FILE', { name: 'b.txt', bytesB64: 'aGk=' });
    expect(answer.ok).toBe(true);
  });

  it('wait for nothing when they travel as bytes', async () => {
    const lost = new AbortController();
    const stuck = await read(lost.signal);
    const response = await fetch(`${server.url}/api/capabilities/HANABI_READ_FILE`, {
      method: 'POST',
      headers: headers(),
      body: JSON.stringify({ fileId, encoding: 'buffer' }),
    });
    expect(await bytesOf(response)).toBe(FILE_BYTES);
    const written = await fetch(`${server.url}/api/capabilities/HANABI_WRITE_FILE`, {
      method: 'POST',
      headers: {
        ...headers('application/octet-stream'),
        [PAYLOAD_HEADER]: encodeURIComponent(JSON.stringify({ name: 'raw.bin' })),
      },
      body: Buffer.alloc(FILE_BYTES),
    });
    expect(written.status).toBe(200);
    expect(stuck.bodyUsed).toBe(false);
    lost.abort();
  });
});

it('a body that carries no file is small', async () => {
  const value = 'x'.repeat(LIMITS.request_body_bytes_max);
  const answer = await desktop.ask(launch, 'HANABI_SET_SETTING', { key: 'k', value });
  expect(answer.error).toMatchObject({ code: 'HANABI-V008' });
});
