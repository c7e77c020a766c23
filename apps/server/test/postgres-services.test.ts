/** Services of several servers: in the care of one at a time, handled from each, and gone on with by another. */
import type { Launch, Permission, ServiceLog, ServiceStatus } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cluster, type Member } from './harness/cluster.ts';
import { Desktop } from './harness/desktop.ts';
import { openDb } from './harness/engine.ts';
import { grant } from './harness/grant.ts';
import { makeModule } from './harness/make-module.ts';

const COUNTS = `
def setup(ctx):
    ctx.state.set("setups", ctx.state.get("setups", 0) + 1)

def tick(ctx):
    count = ctx.state.get("count", 0) + 1
    ctx.state.set("count", count)
    print("tick", count)
`;
const PERMISSIONS: Permission[] = ['worker.service'];
const IDS = ['hourly', 'handed-over', 'left-behind'];
const PATIENCE = { timeout: 60_000, interval: 100 };

let cluster: Cluster;
let one: Member;
let here: Desktop;
let there: Desktop;

beforeAll(async () => {
  const dirs = await Promise.all(
    IDS.map((id) =>
      makeModule({
        id,
        permissions: PERMISSIONS,
        files: { 'service/main.py': COUNTS },
        manifest: {
          entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
          worker: { service: { tick_interval: id === 'hourly' ? 3600 : 1 } },
        },
      }),
    ),
  );
  cluster = await Cluster.open({
    HANABI_MODULE_DIRS: dirs.join(':'),
    HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
  });
  const db = await openDb(cluster.database);
  await grant(db, IDS, ['worker.service']);
  await db.destroy();
  one = await cluster.start('server');
  const other = await cluster.start('server');
  here = await Desktop.signIn(one.url);
  there = here.at(other.url);
}, 60_000);
afterAll(() => cluster.stop());

async function ask<Data>(desktop: Desktop, launch: Launch, type: string): Promise<Data> {
  const answer = await desktop.ask(launch, type, {});
  if (!answer.ok) throw new Error(`${answer.error.code} ${answer.error.message}`);
  return answer.data as Data;
}
const status = (desktop: Desktop, launch: Launch) => ask<ServiceStatus>(desktop, launch, 'HANABI_SERVICE_STATUS');
const kept = async (desktop: Desktop, launch: Launch) => {
  const { state } = await ask<{ state: Record<string, string> }>(desktop, launch, 'HANABI_SERVICE_STATE');
  return { setups: Number(state['setups'] ?? 0), count: Number(state['count'] ?? 0) };
};
const ticksSaid = async (desktop: Desktop, launch: Launch) =>
  (await ask<ServiceLog>(desktop, launch, 'HANABI_SERVICE_LOG')).entries.map(({ message }) => message);

describe('a service of several servers', () => {
  it('is handled from a server that does not run it', async () => {
    const launch = await here.launch('hourly');
    await ask(here, launch, 'HANABI_SERVICE_START');
    await vi.waitFor(async () => expect(await kept(there, launch)).toEqual({ setups: 1, count: 1 }), PATIENCE);
    await vi.waitFor(async () => expect((await status(there, launch)).last_took_ms).not.toBeNull(), PATIENCE);
    await ask(there, launch, 'HANABI_SERVICE_TICK');
    await vi.waitFor(async () => expect(await kept(there, launch)).toEqual({ setups: 1, count: 2 }), PATIENCE);
    await ask(there, launch, 'HANABI_SERVICE_RESTART');
    await vi.waitFor(async () => expect(await kept(there, launch)).toEqual({ setups: 2, count: 3 }), PATIENCE);
    expect(await ask(there, launch, 'HANABI_SERVICE_STOP')).toMatchObject({ state: 'stopped' });
    const db = await openDb(cluster.database);
    const row = () => db.selectFrom('services').selectAll().where('module_id', '=', 'hourly').executeTakeFirstOrThrow();
    await vi.waitFor(async () => expect(await row()).toMatchObject({ lease_owner: null, ticks: 3 }), PATIENCE);
    await db.destroy();
  });

  it('goes over to another at once when its server is stopped, without a tick lost or doubled', async () => {
    const launch = await here.launch('handed-over');
    await ask(here, launch, 'HANABI_SERVICE_START');
    await vi.waitFor(async () => expect((await kept(here, launch)).count).toBeGreaterThanOrEqual(2), PATIENCE);
    await one.stop();
    const before = (await kept(there, launch)).count;
    await vi.waitFor(async () => expect((await kept(there, launch)).count).toBeGreaterThan(before + 1), PATIENCE);
    await ask(there, launch, 'HANABI_SERVICE_STOP');
    const { setups, count } = await kept(there, launch);
    expect(setups).toBe(2);
    // Each tick that began came to its end, and each said its own number.
    expect((await status(there, launch)).ticks).toBe(count);
    const said = await ticksSaid(there, launch);
    expect(said).toEqual(Array.from({ length: count }, (_, at) => `tick ${at + 1}`));
    await one.start();
    here = there.at(one.url);
  });

  it('is taken over from a server that stands still, which finds out before it ticks again', {
    timeout: 120_000,
  }, async () => {
    const launch = await here.launch('left-behind');
    await ask(here, launch, 'HANABI_SERVICE_START');
    await vi.waitFor(async () => expect((await kept(there, launch)).count).toBeGreaterThanOrEqual(2), PATIENCE);
    const goOn = await one.standStill();
    await vi.waitFor(async () => expect((await kept(there, launch)).setups).toBe(2), PATIENCE);
    goOn();
    const { count: then } = await kept(there, launch);
    await vi.waitFor(async () => expect((await kept(there, launch)).count).toBeGreaterThan(then + 3), PATIENCE);
    await ask(there, launch, 'HANABI_SERVICE_STOP');
    const { count, setups } = await kept(there, launch);
    expect(setups).toBe(2);
    // One may have been cut off in the middle when its server stood still.
    const { ticks } = await status(there, launch);
    expect([count, count + 1]).toContain(ticks);
    const said = await ticksSaid(there, launch);
    expect(new Set(said).size).toBe(said.length);
  });
});

it('a service of a server without a sandbox runs on an executor', async () => {
  const executor = await cluster.start('executor');
  const others = cluster.members.filter(({ kind }) => kind === 'server');
  await Promise.all(others.map((member) => member.stop()));
  const without = await cluster.start('server', { HANABI_WORKER_SANDBOX_BACKEND: 'disabled' });
  const desktop = await Desktop.signIn(without.url);
  const launch = await desktop.launch('hourly');
  const { count } = await kept(desktop, launch);
  await ask(desktop, launch, 'HANABI_SERVICE_START');
  await vi.waitFor(async () => expect((await kept(desktop, launch)).count).toBe(count + 1), PATIENCE);
  await ask(desktop, launch, 'HANABI_SERVICE_TICK');
  await vi.waitFor(async () => expect((await kept(desktop, launch)).count).toBe(count + 2), PATIENCE);
  await executor.stop();
});
