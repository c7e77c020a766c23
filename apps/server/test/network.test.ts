/** ctx.fetch through the whole server: who is allowed to, what the operator says, and what is on record. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job, Permission } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { Desktop } from './harness/desktop.ts';
import { openDb } from './harness/engine.ts';
import { grant } from './harness/grant.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const FETCHER = `
def run(inputs, options, ctx):
    texts = []
    for url in options["urls"]:
        try:
            answer = ctx.fetch(url)
            texts.append(f"{answer['status']} {answer['body'].decode()}")
        except ctx.FetchError as error:
            texts.append(error.code)
    return {"answers.txt": "\\n".join(texts)}
`;
const LEAVER = `
import time
def run(inputs, options, ctx):
    yield {"pct": 1, "message": "before"}
    ctx.fetch(options["url"])
    while True:
        time.sleep(0.05)
        yield {"pct": 2, "message": "after"}
`;

const asked: string[] = [];
const open = createServer((request, response) => {
  asked.push(`${request.headers.host} ${request.url}`);
  response.end('hello');
});

let server: RunningServer;
let desktop: Desktop;
let db: Db;
let port: number;
let origin: string;

beforeAll(async () => {
  open.listen(0, '127.0.0.1');
  await once(open, 'listening');
  ({ port } = open.address() as AddressInfo);
  origin = `http://127.0.0.1:${port}`;
  const base: Permission[] = ['files.read', 'files.write', 'jobs.create', 'jobs.emit_progress', 'worker.execute'];
  const services = [origin, `http://127.0.0.2:${port}`, `http://denied.localhost:${port}`];
  const wish = (id: string, more: Permission[], worker = FETCHER) =>
    makeModule({ id, permissions: [...base, ...more], worker, manifest: { dependencies: { services } } });
  const dirs = [
    await wish('fetcher', ['network.fetch']),
    await wish('undeclared', []),
    await wish('refused', ['network.fetch']),
    await wish('broad', ['network.fetch.broad']),
    await wish('broad-granted', ['network.fetch.broad']),
    await wish('leaver', ['network.fetch'], LEAVER),
  ];
  server = await startServer({
    env: {
      HANABI_MODULE_DIRS: dirs.join(':'),
      HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
      HANABI_NETWORK_ALLOW: '127.0.0.1, *.localhost',
      HANABI_NETWORK_DENY: 'denied.localhost',
      HANABI_NETWORK_ALLOW_PRIVATE: `${origin} http://denied.localhost:${port}`,
    },
    async prepare(seeded) {
      await grant(seeded, 'refused', ['network.fetch'], 'denied');
      await grant(seeded, 'broad-granted', ['network.fetch.broad']);
    },
  });
  desktop = await Desktop.signIn(server.url);
  db = await openDb(server.data_dir);
});
afterAll(async () => {
  await db.destroy();
  await server.stop();
  open.close();
});

async function answersOf(moduleId: string, urls: string[]): Promise<{ answers: string[]; job: Job }> {
  const launch = await desktop.launch(moduleId);
  const { data, error } = await desktop.ask(launch, 'HANABI_CREATE_JOB', { options: { urls } });
  expect(error).toBeUndefined();
  const { job } = data as { job: Job };
  const read = await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: job.outputs[0]!.id });
  return {
    job,
    answers: Buffer.from(read.data['bytesB64'] as string, 'base64')
      .toString()
      .split('\n'),
  };
}

const leaverRows = () => db.selectFrom('fetch_audit').select('path').where('module_id', '=', 'leaver').execute();

const recordsOf = (jobId: string) =>
  db.selectFrom('fetch_audit').selectAll().where('job_id', '=', jobId).orderBy('seq').execute();

describe('ctx.fetch', () => {
  it('reaches what is declared and granted, and every decision is on record when the job is done', async () => {
    const urls = [
      `${origin}/a?key=secret`,
      `http://127.0.0.2:${port}/`,
      `http://denied.localhost:${port}/`,
      'http://other.example/',
    ];
    const { answers, job } = await answersOf('fetcher', urls);
    expect(answers).toEqual(['200 hello', 'HANABI-N003', 'HANABI-N002', 'HANABI-N002']);
    const records = await recordsOf(job.id);
    const { id: user_id } = await db
      .selectFrom('users')
      .select('id')
      .where('name', '=', 'admin')
      .executeTakeFirstOrThrow();
    expect(records).toMatchObject([
      {
        user_id,
        module_id: 'fetcher',
        module_version: '1.0.0',
        method: 'GET',
        origin,
        path: '/a',
        status: 200,
        error_code: null,
        requests: 1,
        sent_bytes: 0,
        received_bytes: 5,
      },
      { origin: `http://127.0.0.2:${port}`, status: null, error_code: 'HANABI-N003', requests: 0 },
      { origin: `http://denied.localhost:${port}`, error_code: 'HANABI-N002' },
      { origin: 'http://other.example', error_code: 'HANABI-N002' },
    ]);
    expect(JSON.stringify(records)).not.toContain('secret');
  });

  it.each(['undeclared', 'refused', 'broad'])('is not approved for %s', async (moduleId) => {
    const before = asked.length;
    const { answers, job } = await answersOf(moduleId, [origin]);
    expect(answers).toEqual(['HANABI-N001']);
    expect(asked).toHaveLength(before);
    expect(await recordsOf(job.id)).toMatchObject([{ module_id: moduleId, error_code: 'HANABI-N001' }]);
  });

  it('reaches any public address that the lists let through, where the broad one was granted', async () => {
    const urls = [origin, `http://denied.localhost:${port}/`, `http://a.localhost:${port}/`, 'http://8.8.8.8/'];
    const { answers } = await answersOf('broad-granted', urls);
    expect(answers).toEqual(['200 hello', 'HANABI-N002', 'HANABI-N003', 'HANABI-N002']);
  });

  it('is on record also when the one who asked has gone away', async () => {
    const launch = await desktop.launch('leaver');
    const gone = new AbortController();
    const response = await fetch(`${server.url}/api/capabilities/HANABI_CREATE_JOB`, {
      method: 'POST',
      headers: {
        cookie: desktop.cookie,
        'x-hanabi-csrf': desktop.csrf,
        'x-hanabi-launch': launch.id,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ stream: true, options: { url: `${origin}/left` } }),
      signal: gone.signal,
    });
    const reader = response.body!.getReader();
    await reader.read();
    await expect.poll(() => asked.some((line) => line.endsWith('/left'))).toBe(true);
    gone.abort();
    await expect.poll(leaverRows, { timeout: 10_000 }).toEqual([{ path: '/left' }]);
  });
});

describe('the audit', () => {
  it('is not changed or deleted, not even with the hand in the database', async () => {
    await expect(db.updateTable('fetch_audit').set({ origin: 'x' }).execute()).rejects.toThrow(/only grows/);
    await expect(db.deleteFrom('fetch_audit').execute()).rejects.toThrow(/only grows/);
  });
});

describe('the settings', () => {
  it.each([
    ['HANABI_NETWORK_ALLOW', 'http://example.com'],
    ['HANABI_NETWORK_DENY', 'exa mple/'],
    ['HANABI_NETWORK_ALLOW_PRIVATE', '127.0.0.1'],
  ])('%s says what is wrong with %j', async (name, value) => {
    await expect(startServer({ env: { [name]: value } })).rejects.toThrow(new RegExp(`${name}: ".+" is not`));
  });
});
