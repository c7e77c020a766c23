/** Bytes that `network.fetch.broad` moves: those of all jobs and of the service in a day come out of one quota. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DESKTOP_PATHS, type Job, type Launch, type Permission, type ServiceLog } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { grant } from './harness/grant.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const WORKER = `
def run(inputs, options, ctx):
    try:
        return {"answer.txt": ctx.fetch(options["url"])["body"]}
    except ctx.FetchError as error:
        return {"answer.txt": error.code}
`;
const SERVICE = `
def tick(ctx):
    answer = ctx.http.get(ctx.state.get("url"))
    ctx.log.info(answer.get("code", answer.get("body")))
`;
const HUNDRED = 'x'.repeat(100);
const permissions: Permission[] = [
  'files.read',
  'files.write',
  'jobs.create',
  'network.fetch.broad',
  'worker.execute',
  'worker.service',
];

const web = createServer((_, response) => response.end(HUNDRED));
let url: string;
let server: RunningServer;
let admin: Desktop;
let other: Desktop;
beforeAll(async () => {
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const dir = await makeModule({
    id: 'mover',
    permissions,
    worker: WORKER,
    files: { 'service/main.py': SERVICE },
    manifest: {
      entrypoints: { ui: 'ui/index.html', worker: 'worker/main.py', service: 'service/main.py' },
      worker: { service: { tick_interval: 3600 } },
    },
  });
  server = await startServer({
    users: ['other'],
    env: {
      HANABI_MODULE_DIRS: dir,
      HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
      HANABI_NETWORK_ALLOW: '127.0.0.1',
      HANABI_NETWORK_ALLOW_PRIVATE: url,
    },
    prepare: (db) => grant(db, 'mover', ['network.fetch.broad', 'worker.service']),
  });
  admin = await Desktop.signIn(server.url);
  other = await Desktop.signIn(server.url, 'other', 'other');
}, 60_000);
afterAll(async () => {
  await server.stop();
  web.close();
});

const bound = async (quota: object) => {
  const { status } = await admin.send('PUT', `${DESKTOP_PATHS.admin}/modules/mover/quota`, quota);
  expect(status).toBe(204);
};

async function moved(by: Desktop, launch: Launch): Promise<string> {
  const { data, error } = await by.ask(launch, 'HANABI_CREATE_JOB', { options: { url } });
  expect(error).toBeUndefined();
  const [output] = (data['job'] as Job).outputs;
  const read = await by.ask(launch, 'HANABI_READ_FILE', { fileId: output!.id });
  return Buffer.from(read.data['bytesB64'] as string, 'base64').toString();
}

it('bounds a day of one user, until an administrator gives more', { timeout: 60_000 }, async () => {
  const [mine, theirs] = [await admin.launch('mover'), await other.launch('mover')];
  await bound({ fetch_bytes_per_day_max: 350 });
  for (let job = 0; job < 3; job += 1) expect(await moved(admin, mine)).toBe(HUNDRED);
  expect(await moved(admin, mine)).toBe('HANABI-N008');
  expect(await moved(other, theirs)).toBe(HUNDRED);
  await bound({});
  expect(await moved(admin, mine)).toBe(HUNDRED);
});

it('bounds the service, whose day is one job, together with the jobs beside it', { timeout: 60_000 }, async () => {
  const launch = await other.launch('mover');
  const patience = { timeout: 25_000, interval: 50 };
  const said = async () =>
    ((await other.ask(launch, 'HANABI_SERVICE_LOG')).data as unknown as ServiceLog).entries.map(
      ({ message }) => message,
    );
  const ticks = async (order: string, expected: string[]) => {
    expect(await other.ask(launch, `HANABI_SERVICE_${order}`)).toMatchObject({ ok: true });
    await vi.waitFor(async () => expect(await said()).toEqual(expected), patience);
  };
  await other.ask(launch, 'HANABI_SERVICE_SET_STATE', { key: 'url', value: url });
  await bound({ fetch_bytes_max: 250 });
  await ticks('START', [HUNDRED]);
  await ticks('TICK', [HUNDRED, HUNDRED]);
  await ticks('TICK', [HUNDRED, HUNDRED, 'HANABI-N008']);
  expect(await moved(other, launch)).toBe(HUNDRED);
  // Both together have moved four hundred by now.
  await bound({ fetch_bytes_per_day_max: 450 });
  await ticks('RESTART', [HUNDRED, HUNDRED, 'HANABI-N008', 'HANABI-N008']);
  expect(await other.ask(launch, 'HANABI_SERVICE_STOP')).toMatchObject({ ok: true });
});
