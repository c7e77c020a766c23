/** Services as modules and the desktop see them, in real sandboxes; also after the server was killed. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Launch, Permission, ServiceLog, ServiceMonitor, ServiceStatus } from '@hanabi/protocol';
import { LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDb } from './harness/engine.ts';
import type { Desktop } from './harness/desktop.ts';
import { grant } from './harness/grant.ts';
import { hanabi } from './harness/hanabi.ts';
import { KillableServer } from './harness/killable-server.ts';
import { makeModule } from './harness/make-module.ts';

const COUNTS = `
def setup(ctx):
    ctx.log.info("set up")
    ctx.state.set("setups", ctx.state.get("setups", 0) + 1)

def tick(ctx):
    count = ctx.state.get("count", 0) + 1
    ctx.state.set("count", count)
    ctx.monitor.number("count", count)
    ctx.files.write("notes/last.txt", f"tick {count}")
    print("tick", count, ctx.files.read("notes/last.txt"))
`;
const FETCHES = `
def tick(ctx):
    answer = ctx.http.get(ctx.state.get("url"))
    ctx.log.info(str(answer.get("body", answer.get("error"))))
`;
const GREEDY = `
import time

def tick(ctx):
    try:
        ctx.state.set("large", "x" * 600000)
    except RuntimeError as error:
        ctx.log.info(str(error))
    start = time.monotonic()
    for n in range(300):
        ctx.state.get("n")
    ctx.log.info(str(time.monotonic() - start))
    try:
        ctx.state.get("")
    except RuntimeError as error:
        ctx.log.info(str(error))
`;
const TABLES = `
import numpy as np
import pandas as pd

def tick(ctx):
    prices = pd.DataFrame({"price": np.array([1.0, 2.0, 6.0])})
    ctx.log.info(prices.price.rolling(2).mean().dropna().to_json())
    try:
        pd.read_csv("/etc/passwd")
    except Exception as error:
        ctx.log.info(str(error))
`;
const CRASHES = `
def tick(ctx):
    ctx.state.set("before", [1, {"a": "b"}])
    raise ValueError("after it was kept")
`;
const LONG = `
import time

def tick(ctx):
    ctx.state.set("begun", ctx.state.get("begun", 0) + 1)
    time.sleep(50)
`;
const ALL: Permission[] = ['worker.service', 'files.read', 'files.write', 'files.manage', 'network.fetch'];
const PATIENCE = { timeout: 25_000, interval: 50 };

let server: KillableServer;
let web: Server;
const desktop = (): Desktop => server.desktop;

async function serviceModule(
  id: string,
  program: string,
  more: { permissions?: Permission[]; interval?: number; python?: string[] } = {},
) {
  const { permissions = ALL, interval = 3600, python = [] } = more;
  return makeModule({
    id,
    permissions,
    files: { 'service/main.py': program },
    manifest: {
      entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
      worker: { service: { tick_interval: interval } },
      dependencies: { services: [origin()], python },
    },
  });
}
const origin = () => `http://127.0.0.1:${(web.address() as AddressInfo).port}`;

beforeAll(async () => {
  web = createServer((request, response) => response.end(`hello ${request.url}`)).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const dirs = [
    await serviceModule('counts', COUNTS),
    await serviceModule('each-second', COUNTS, { interval: 1 }),
    await serviceModule('fetches', FETCHES),
    await serviceModule('crashes', CRASHES),
    await serviceModule('tables', TABLES, { python: ['numpy', 'pandas'] }),
    await serviceModule('greedy', GREEDY),
    await serviceModule('long', LONG),
    await serviceModule('not-granted', COUNTS),
    await serviceModule('broken', 'import os\n\ndef tick(ctx):\n    pass\n'),
    await makeModule({ id: 'without', permissions: ['worker.service'] }),
  ];
  const granted = ['counts', 'each-second', 'fetches', 'crashes', 'tables', 'greedy', 'long', 'broken', 'without'];
  server = await KillableServer.start({
    env: {
      HANABI_MODULE_DIRS: dirs.join(':'),
      HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
      HANABI_NETWORK_ALLOW_PRIVATE: origin(),
    },
    prepare: (db) => grant(db, granted, ['worker.service']),
  });
}, 60_000);
afterAll(async () => {
  await server.stop();
  web.close();
});

async function ask<Data>(launch: Launch, type: string, payload: object = {}): Promise<Data> {
  const answer = await desktop().ask(launch, type, payload);
  if (!answer.ok) throw new Error(`${answer.error.code} ${answer.error.message}`);
  return answer.data as Data;
}
const status = (launch: Launch) => ask<ServiceStatus>(launch, 'HANABI_SERVICE_STATUS');
const lines = async (launch: Launch) =>
  (await ask<ServiceLog>(launch, 'HANABI_SERVICE_LOG')).entries.map(({ level, message }) => `${level} ${message}`);
const state = async (launch: Launch) =>
  (await ask<{ state: Record<string, string> }>(launch, 'HANABI_SERVICE_STATE')).state;

describe('a service', () => {
  it('runs, keeps, says, shows and writes, until it is stopped', async () => {
    const launch = await desktop().launch('counts');
    expect(await status(launch)).toMatchObject({ state: 'stopped', ticks: 0, tick_interval_ms: 3_600_000 });
    expect(await ask(launch, 'HANABI_SERVICE_START')).toMatchObject({ state: 'running' });
    await vi.waitFor(async () => expect(await lines(launch)).toEqual(['info set up', 'info tick 1 tick 1']), PATIENCE);
    expect(await state(launch)).toEqual({ setups: '1', count: '1' });
    const { widgets } = await ask<ServiceMonitor>(launch, 'HANABI_SERVICE_MONITOR');
    expect(widgets).toEqual([{ name: 'count', kind: 'number', value: '1', updated_at: expect.any(String) }]);
    await vi.waitFor(async () => expect((await status(launch)).last_took_ms).not.toBeNull(), PATIENCE);
    const now_ms = Date.now();
    const { next_tick_at, memory_bytes_peak } = await status(launch);
    expect(Date.parse(next_tick_at!)).toBeGreaterThan(now_ms);
    expect(memory_bytes_peak).toBeGreaterThan(1024 * 1024);
    await ask(launch, 'HANABI_SERVICE_TICK');
    await vi.waitFor(async () => expect(await state(launch)).toMatchObject({ count: '2' }), PATIENCE);
    expect(await ask(launch, 'HANABI_SERVICE_STOP')).toMatchObject({ state: 'stopped', next_tick_at: null });
    expect(await desktop().ask(launch, 'HANABI_SERVICE_TICK')).toMatchObject({ error: { code: 'HANABI-W025' } });
    await ask(launch, 'HANABI_SERVICE_SET_STATE', { key: 'count', value: 40 });
    await ask(launch, 'HANABI_SERVICE_SET_STATE', { key: 'setups', value: null });
    await ask(launch, 'HANABI_SERVICE_RESTART');
    await vi.waitFor(async () => expect(await state(launch)).toEqual({ setups: '1', count: '41' }), PATIENCE);
    await ask(launch, 'HANABI_SERVICE_STOP');
  });

  it('keeps no more than it may, and asks no faster', async () => {
    const launch = await desktop().launch('greedy');
    const tooLarge = { key: 'large', value: 'x'.repeat(LIMITS.service_state_value_bytes_max) };
    const answer = await desktop().ask(launch, 'HANABI_SERVICE_SET_STATE', tooLarge);
    expect(answer).toMatchObject({ error: { code: 'HANABI-Q015' } });
    await ask(launch, 'HANABI_SERVICE_START');
    await vi.waitFor(async () => expect((await lines(launch)).length).toBe(3), PATIENCE);
    const [refused, many, unknown] = await lines(launch);
    expect(refused).toContain('HANABI-Q015');
    // Of three hundred questions the first hundred are free.
    expect(Number(many!.split(' ')[1])).toBeGreaterThan(1.5);
    expect(unknown).toContain('HANABI-W026');
    await ask(launch, 'HANABI_SERVICE_STOP');
  });

  it('is told that it has none, and refused what was not granted', async () => {
    const without = await desktop().launch('without');
    expect(await desktop().ask(without, 'HANABI_SERVICE_START')).toMatchObject({ error: { code: 'HANABI-W024' } });
    const refused = await desktop().ask(await desktop().launch('not-granted'), 'HANABI_SERVICE_START');
    expect(refused).toMatchObject({ error: { code: 'HANABI-P002' } });
  });

  it('computes with numpy and pandas where its module declares them', async () => {
    const launch = await desktop().launch('tables');
    await ask(launch, 'HANABI_SERVICE_START');
    const said = ['info {"1":1.5,"2":4.0}', 'info module pandas has no attribute read_csv in worker sandbox'];
    await vi.waitFor(async () => expect(await lines(launch)).toEqual(said), PATIENCE);
    await ask(launch, 'HANABI_SERVICE_STOP');
  });

  it('keeps what it kept before it raised, and tells why', async () => {
    const launch = await desktop().launch('crashes');
    await ask(launch, 'HANABI_SERVICE_START');
    await vi.waitFor(async () => expect(await status(launch)).toMatchObject({ failures: 1 }), PATIENCE);
    expect(await state(launch)).toEqual({ before: '[1,{"a":"b"}]' });
    const { last_error, state: lives } = await status(launch);
    expect(lives).toBe('running');
    expect(last_error).toMatchObject({ code: 'HANABI-W008', message: expect.stringContaining('after it was kept') });
    expect((await lines(launch))[0]).toContain('File "service/main.py", line 4, in tick');
    for (let failures = 2; failures <= LIMITS.service_failures_max; failures += 1) {
      await ask(launch, 'HANABI_SERVICE_TICK');
      await vi.waitFor(async () => expect(await status(launch)).toMatchObject({ failures }), PATIENCE);
    }
    await vi.waitFor(async () => expect(await status(launch)).toMatchObject({ state: 'failed' }), PATIENCE);
    expect(await ask(launch, 'HANABI_SERVICE_START')).toMatchObject({ state: 'running', failures: 0 });
    await ask(launch, 'HANABI_SERVICE_STOP');
  });

  it('tells the line of what the policy refuses', async () => {
    const launch = await desktop().launch('broken');
    await ask(launch, 'HANABI_SERVICE_START');
    await vi.waitFor(async () => expect(await status(launch)).toMatchObject({ state: 'waiting' }), PATIENCE);
    const { last_error } = await status(launch);
    expect(last_error?.message).toContain('line 1: Import of os is not allowed in worker sandbox.');
    await ask(launch, 'HANABI_SERVICE_STOP');
  });

  it('reaches what its module may reach, on the record, and gets refusals as text', async () => {
    const launch = await desktop().launch('fetches');
    await ask(launch, 'HANABI_SERVICE_SET_STATE', { key: 'url', value: `${origin()}/here?key=1` });
    await ask(launch, 'HANABI_SERVICE_START');
    await vi.waitFor(async () => expect(await lines(launch)).toEqual(['info hello /here?key=1']), PATIENCE);
    await ask(launch, 'HANABI_SERVICE_SET_STATE', { key: 'url', value: 'http://127.0.0.1:1/' });
    await ask(launch, 'HANABI_SERVICE_TICK');
    await vi.waitFor(async () => expect((await lines(launch)).at(-1)).toContain('http://127.0.0.1:1'), PATIENCE);
    await ask(launch, 'HANABI_SERVICE_STOP');
    const db = await openDb(server.data_dir);
    const rows = await db.selectFrom('fetch_audit').selectAll().where('module_id', '=', 'fetches').execute();
    await db.destroy();
    expect(rows).toMatchObject([
      { method: 'GET', origin: origin(), path: '/here', status: 200, error_code: null, job_id: 'service' },
      { origin: 'http://127.0.0.1:1', status: null, error_code: 'HANABI-N002' },
    ]);
  });

  it('ends at once when its permission is taken away', async () => {
    const launch = await desktop().launch('counts');
    await ask(launch, 'HANABI_SERVICE_START');
    const list = async () => {
      const { services } = (await (await desktop().send('GET', '/api/services')).json()) as {
        services: { module_id: string; status: ServiceStatus }[];
      };
      return services.find(({ module_id }) => module_id === 'counts')!.status;
    };
    expect(await list()).toMatchObject({ state: 'running' });
    await hanabi(server.data_dir, 'module', 'grant', 'counts', 'worker.service', '--revoke');
    await vi.waitFor(async () => expect(await list()).toMatchObject({ state: 'failed' }), PATIENCE);
    expect(await list()).toMatchObject({ last_error: { code: 'HANABI-P002' } });
    await hanabi(server.data_dir, 'module', 'grant', 'counts', 'worker.service');
  });

  it('goes on after the server was killed, with what it kept, and no tick twice', { timeout: 90_000 }, async () => {
    const hourly = await desktop().launch('counts');
    const loads = async (launch: Launch) => Number((await state(launch))['setups'] ?? 0);
    const loadsBefore = await loads(hourly);
    await ask(hourly, 'HANABI_SERVICE_START');
    const untilLoaded = async (launch: Launch, times: number) =>
      vi.waitFor(async () => expect(await loads(launch)).toBe(times), PATIENCE);
    await untilLoaded(hourly, loadsBefore + 1);
    await vi.waitFor(async () => expect((await status(hourly)).next_tick_at).not.toBeNull(), PATIENCE);
    const { next_tick_at, ticks: ticksBefore } = await status(hourly);
    const launch = await desktop().launch('each-second');
    await ask(launch, 'HANABI_SERVICE_START');
    await vi.waitFor(async () => expect((await status(launch)).ticks).toBeGreaterThanOrEqual(2), PATIENCE);
    await server.killAndRestart();
    // What is due in an hour is due then.
    const hourlyAgain = await desktop().launch('counts');
    await untilLoaded(hourlyAgain, loadsBefore + 2);
    expect(await status(hourlyAgain)).toMatchObject({ state: 'running', next_tick_at, ticks: ticksBefore });
    await ask(hourlyAgain, 'HANABI_SERVICE_STOP');
    const again = await desktop().launch('each-second');
    const before = (await status(again)).ticks;
    await vi.waitFor(async () => expect((await status(again)).ticks).toBeGreaterThan(before + 1), PATIENCE);
    await ask(again, 'HANABI_SERVICE_STOP');
    const { ticks } = await status(again);
    const { setups, count } = await state(again);
    expect(setups).toBe('2');
    // A tick that was cut off counts as one; none is made up for.
    expect(Number(count)).toBeLessThanOrEqual(ticks);
    expect(Number(count)).toBeGreaterThanOrEqual(ticks - 2);
    const times = (await ask<ServiceLog>(again, 'HANABI_SERVICE_LOG')).entries
      .filter(({ message }) => message.startsWith('tick'))
      .map(({ message }) => Number(message.split(' ')[1]));
    expect(new Set(times).size).toBe(times.length);
  });

  it('says which tick was cut off, and does not repeat it', { timeout: 60_000 }, async () => {
    const launch = await desktop().launch('long');
    await ask(launch, 'HANABI_SERVICE_START');
    await vi.waitFor(async () => expect(await state(launch)).toEqual({ begun: '1' }), PATIENCE);
    const { last_tick_at, next_tick_at } = await status(launch);
    await server.killAndRestart();
    const again = await desktop().launch('long');
    const said = `warn The tick of ${last_tick_at} was cut off when its server or its version ended, and is not repeated`;
    await vi.waitFor(async () => expect(await lines(again)).toEqual([said]), PATIENCE);
    expect(await status(again)).toMatchObject({ state: 'running', ticks: 1, next_tick_at });
    expect(await state(again)).toEqual({ begun: '1' });
    await ask(again, 'HANABI_SERVICE_STOP');
  });
});
