/** How many services of one module there may be, of all users together, and how large each may become. */
import { DESKTOP_PATHS, type Launch, type ServiceStatus, WORKER_TIERS } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { grant } from './harness/grant.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let admin: Desktop;
let other: Desktop;

/** More than the tier `tiny` has, and less than the usual one. */
const HOLDS = 'def tick(ctx):\n    held = "x" * 100000000\n    ctx.state.set("held", len(held))\n';

beforeAll(async () => {
  const few = await makeModule({
    id: 'few',
    permissions: ['worker.service'],
    files: { 'service/main.py': 'def tick(ctx):\n    pass\n' },
    manifest: {
      entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
      worker: { service: { tick_interval: 3600, max_instances: 1 } },
    },
  });
  const large = await makeModule({
    id: 'large',
    permissions: ['worker.service'],
    files: { 'service/main.py': HOLDS },
    manifest: {
      entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
      worker: { service: { tick_interval: 3600 } },
    },
  });
  server = await startServer({
    users: ['other'],
    env: {
      HANABI_MODULE_DIRS: `${few}:${large}`,
      HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
      HANABI_WORKER_TIERS: JSON.stringify({ tiny: { ...WORKER_TIERS.small, memory_bytes_max: 64 * 1024 * 1024 } }),
    },
    prepare: (db) => grant(db, ['few', 'large'], ['worker.service']),
  });
  admin = await Desktop.signIn(server.url);
  other = await Desktop.signIn(server.url, 'other', 'other');
}, 60_000);
afterAll(() => server.stop());

const start = (desktop: Desktop, launch: Launch) => desktop.ask(launch, 'HANABI_SERVICE_START');

it('is what the manifest says: one more has to wait until one is stopped', async () => {
  const [mine, theirs] = [await admin.launch('few'), await other.launch('few')];
  expect(await start(admin, mine)).toMatchObject({ ok: true });
  expect(await start(other, theirs)).toMatchObject({ error: { code: 'HANABI-Q014' } });
  // The one that runs may be started anew.
  expect(await admin.ask(mine, 'HANABI_SERVICE_RESTART')).toMatchObject({ ok: true });
  expect(await admin.ask(mine, 'HANABI_SERVICE_STOP')).toMatchObject({ ok: true });
  expect(await start(other, theirs)).toMatchObject({ ok: true });
});

it('holds also where two start at the same moment', async () => {
  const launches = [await admin.launch('few'), await other.launch('few')] as const;
  const stop = () =>
    Promise.all([admin.ask(launches[0], 'HANABI_SERVICE_STOP'), other.ask(launches[1], 'HANABI_SERVICE_STOP')]);
  for (let round = 0; round < 5; round += 1) {
    await stop();
    const answers = await Promise.all([start(admin, launches[0]), start(other, launches[1])]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  }
  await stop();
});

it('goes with its user: one who may not come in has none that run', async () => {
  const [mine, theirs] = [await admin.launch('few'), await other.launch('few')];
  expect(await start(other, theirs)).toMatchObject({ ok: true });
  expect(await start(admin, mine)).toMatchObject({ error: { code: 'HANABI-Q014' } });
  const path = `${DESKTOP_PATHS.admin}/users/${other.session.user.id}`;
  expect((await admin.send('PATCH', path, { disabled: true })).status).toBe(204);
  await vi.waitFor(async () => expect(await start(admin, mine)).toMatchObject({ ok: true }), {
    timeout: 25_000,
    interval: 50,
  });
});

it('is as large as the tier that an administrator sets, when it is started the next time', async () => {
  const launch = await admin.launch('large');
  const patience = { timeout: 25_000, interval: 50 };
  const status = async () => (await admin.ask(launch, 'HANABI_SERVICE_STATUS')).data as unknown as ServiceStatus;
  const held = async () => (await admin.ask(launch, 'HANABI_SERVICE_STATE')).data;
  const bound = (quota: object) => admin.send('PUT', `${DESKTOP_PATHS.admin}/modules/large/quota`, quota);
  expect((await bound({ service_tier: 'tiny' })).status).toBe(204);
  expect(await start(admin, launch)).toMatchObject({ ok: true });
  await vi.waitFor(async () => expect((await status()).last_error?.code).toBe('HANABI-W003'), patience);
  expect(await held()).toEqual({ state: {} });
  expect((await bound({})).status).toBe(204);
  expect(await admin.ask(launch, 'HANABI_SERVICE_RESTART')).toMatchObject({ ok: true });
  await vi.waitFor(async () => expect(await held()).toEqual({ state: { held: '100000000' } }), patience);
  expect(await admin.ask(launch, 'HANABI_SERVICE_STOP')).toMatchObject({ ok: true });
});
