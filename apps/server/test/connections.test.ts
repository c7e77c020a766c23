/** Connections as people handle them, and as services use them in real sandboxes: the example of a bot among them. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Connection,
  type Connections,
  type ConnectionTested,
  DESKTOP_PATHS,
  type Launch,
  LIMITS,
  type ServiceLog,
} from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { BYBIT_KEY, BYBIT_SECRET, bybitServer, type BybitServer } from './harness/bybit-server.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { dumpOf } from './harness/dump.ts';
import { dropDatabase, openDb } from './harness/engine.ts';
import { grant } from './harness/grant.ts';
import { hanabi, hanabiWith } from './harness/hanabi.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { TELEGRAM_TOKEN, telegramServer, type TelegramServer } from './harness/telegram-server.ts';

const path = DESKTOP_PATHS.connections;
const PATIENCE = { timeout: 25_000, interval: 50 };
/** Says all that it is told and all that it can see. */
const SAYS = `
def tick(ctx):
    print(ctx.telegram.send_message("hello", chat_id=7))
    print(ctx.bybit.place_order("BTCUSDT", "Buy", "0.001", "20000"))
    print(ctx.llm.chat("hello"))
    print(repr(ctx.telegram), repr(ctx.state.get_all()))
`;

let server: RunningServer;
let desktop: Desktop;
let bybit: BybitServer;
let telegram: TelegramServer;

beforeAll(async () => {
  [bybit, telegram] = await Promise.all([bybitServer(), telegramServer()]);
  const says = await makeModule({
    id: 'says',
    permissions: ['worker.service'],
    files: { 'service/main.py': SAYS },
    manifest: {
      entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
      worker: { service: { tick_interval: 3600 } },
      dependencies: { connectors: ['telegram', 'bybit'] },
    },
  });
  server = await startServer({
    users: ['mallory'],
    env: {
      HANABI_MODULE_DIRS: says,
      HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
      HANABI_NETWORK_ALLOW_PRIVATE: `${bybit.origin} ${telegram.origin}`,
      HANABI_LOG_LEVEL: 'trace',
    },
    prepare: (db) => grant(db, ['says', 'price-alert'], ['worker.service']),
  });
  desktop = await Desktop.signIn(server.url);
}, 120_000);
afterAll(async () => {
  await server.stop();
  await Promise.all([bybit.close(), telegram.close()]);
});

const get = async (by = desktop) => (await (await by.send('GET', path)).json()) as Connections;
const one = async (id: string) => (await get()).connections.find((connection) => connection.id === id) as Connection;
async function act(method: string, below: string, json?: unknown): Promise<void> {
  const response = await desktop.send(method, path + below, json);
  if (!response.ok) throw new Error(JSON.stringify(await errorOf(response)));
}
async function add(kind: string, fields: Record<string, string>): Promise<string> {
  const response = await desktop.send('POST', path, { kind, name: `my ${kind}`, fields });
  if (!response.ok) throw new Error(JSON.stringify(await errorOf(response)));
  return ((await response.json()) as { id: string }).id;
}
const addTelegram = () => add('telegram', { token: TELEGRAM_TOKEN, chat_id: '42', address: telegram.origin });
const addBybit = () => add('bybit', { api_key: BYBIT_KEY, api_secret: BYBIT_SECRET, address: bybit.origin });
const test = async (id: string) =>
  (await (await desktop.send('POST', `${path}/${id}/test`, {})).json()) as ConnectionTested;
async function service(launch: Launch, action: string, payload: object = {}): Promise<unknown> {
  const answer = await desktop.ask(launch, `HANABI_SERVICE_${action}`, payload);
  if (!answer.ok) throw new Error(`${answer.error.code} ${answer.error.message}`);
  return answer.data;
}
const lines = async (launch: Launch) =>
  ((await service(launch, 'LOG')) as ServiceLog).entries.map(({ message }) => message);

describe('a connection', () => {
  it('is added, tried, renamed and removed, and its secrets never come back', async () => {
    const id = await addTelegram();
    expect(await one(id)).toMatchObject({
      kind: 'telegram',
      name: 'my telegram',
      shown: { token: '…9-Zq', chat_id: '42', address: telegram.origin },
      usable: true,
      modules: [],
      trading: null,
    });
    expect(await test(id)).toEqual({ ok: true, message: '@lantern_bot' });
    await act('PATCH', `/${id}`, { name: 'the bot' });
    expect(await one(id)).toMatchObject({ name: 'the bot', used_at: expect.any(String) });
    await act('PATCH', `/${id}`, { fields: { token: `${TELEGRAM_TOKEN}x`, address: telegram.origin } });
    expect(await test(id)).toEqual({ ok: false, message: 'The other service refused: Unauthorized' });
    await act('DELETE', `/${id}`);
    expect((await get()).connections).toEqual([]);
  });

  it.each([
    ['another kind', { kind: 'ftp', name: 'x', fields: {} }],
    ['a token that is none', { kind: 'telegram', name: 'x', fields: { token: 'secretsecretsecret' } }],
    ['a field that is missing', { kind: 'bybit', name: 'x', fields: { api_key: 'secretsecretsecret' } }],
    ['a field that is unknown', { kind: 'llm', name: 'x', fields: { cookie: 'secretsecretsecret' } }],
    ['an address with a name', { kind: 'llm', name: 'x', fields: { address: 'https://secretsecretsecret@host' } }],
    ['a name of nothing', { kind: 'llm', name: ' ', fields: {} }],
  ])('with %s is refused without repeating it', async (_, wish) => {
    const response = await desktop.send('POST', path, wish);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('secretsecretsecret');
  });

  it('is nobody else’s', async () => {
    const id = await addTelegram();
    const mallory = await Desktop.signIn(server.url, 'mallory', 'mallory');
    expect((await get(mallory)).connections).toEqual([]);
    for (const [method, below, json] of [
      ['PATCH', '', { name: 'mine' }],
      ['DELETE', '', undefined],
      ['POST', '/test', {}],
      ['PUT', '/trading', { trading: null }],
      ['PUT', '/modules/says', {}],
      ['DELETE', '/modules/says', undefined],
    ] as const) {
      const response = await mallory.send(method, `${path}/${id}${below}`, json);
      expect((await errorOf(response)).code).toBe('HANABI-N011');
    }
    await act('DELETE', `/${id}`);
  });

  it('that cannot trade gets no limits, and limits have an order', async () => {
    const [talks, trades] = [await addTelegram(), await addBybit()];
    const trading = { currency: 'USDT', order_max: '20', day_max: '50.5' };
    const refused = await desktop.send('PUT', `${path}/${talks}/trading`, { trading });
    expect((await errorOf(refused)).code).toBe('HANABI-V008');
    const upsideDown = { trading: { ...trading, day_max: '5' } };
    expect((await desktop.send('PUT', `${path}/${trades}/trading`, upsideDown)).status).toBe(400);
    await act('PUT', `/${trades}/trading`, { trading });
    expect((await one(trades)).trading).toEqual({ ...trading, spent_today: '0' });
    await act('DELETE', `/${talks}`);
    await act('DELETE', `/${trades}`);
  });
});

it('credentials and limits change for who has just proved who they are; taking away needs no proof', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'hanabi-connections-'));
  const first = await startServer({ data_dir });
  const signedIn = await Desktop.signIn(first.url);
  const wish = { kind: 'bybit', name: 'x', fields: { api_key: BYBIT_KEY, api_secret: BYBIT_SECRET } };
  const { id } = (await (await signedIn.send('POST', path, wish)).json()) as { id: string };
  await first.stop();
  const confirmed_at = new Date(Date.now() - LIMITS.confirmation_ms - 1000).toISOString();
  const prepare = async (db: Db) => void (await db.updateTable('sessions').set({ confirmed_at }).execute());
  const later = await startServer({ data_dir, prepare });
  try {
    const moved = signedIn.at(later.url);
    const trading = { currency: 'USDT', order_max: '1', day_max: '1' };
    for (const [method, below, json] of [
      ['POST', '', wish],
      ['PATCH', `/${id}`, { fields: wish.fields }],
      ['PUT', `/${id}/trading`, { trading }],
      ['PUT', `/${id}/modules/price-alert`, {}],
    ] as const) {
      const refused = await errorOf(await moved.send(method, path + below, json));
      expect(refused, `${method} ${below}`).toMatchObject({ code: 'HANABI-A010' });
    }
    expect((await moved.send('PUT', `${path}/${id}/trading`, { trading: null })).status).toBe(204);
    expect((await moved.send('DELETE', `${path}/${id}`)).status).toBe(204);
  } finally {
    await later.stop();
    await dropDatabase(data_dir);
    await rm(data_dir, { recursive: true });
  }
}, 120_000);

describe('a service', () => {
  it('uses what it is lent, until it is taken back', async () => {
    const [talks, trades] = [await addTelegram(), await addBybit()];
    const launch = await desktop.launch('says');
    await service(launch, 'START');
    await vi.waitFor(async () => expect(await lines(launch)).toHaveLength(4), PATIENCE);
    expect(await lines(launch)).toEqual([
      expect.stringContaining('no connection of Telegram is lent to this module'),
      expect.stringContaining('no connection of Bybit is lent to this module'),
      expect.stringContaining('the manifest of says does not name "llm"'),
      '<ctx.telegram> {}',
    ]);
    expect((await get()).modules).toContainEqual({ id: 'says', name: 'says', connectors: ['telegram', 'bybit'] });
    await act('PUT', `/${talks}/modules/says`, {});
    await act('PUT', `/${trades}/modules/says`, {});
    await act('PUT', `/${trades}/trading`, { trading: { currency: 'USDT', order_max: '20', day_max: '30' } });
    expect((await one(talks)).modules).toEqual(['says']);
    await service(launch, 'TICK');
    await vi.waitFor(async () => expect(await lines(launch)).toHaveLength(8), PATIENCE);
    expect((await lines(launch)).slice(4, 6)).toEqual([
      "{'ok': True, 'result': {'message_id': 1}}",
      expect.stringContaining("'orderId': 'order-1'"),
    ]);
    expect((await one(trades)).trading).toMatchObject({ spent_today: '20' });
    await act('DELETE', `/${talks}/modules/says`);
    await service(launch, 'TICK');
    await vi.waitFor(async () => expect(await lines(launch)).toHaveLength(12), PATIENCE);
    expect((await lines(launch)).slice(8, 10)).toEqual([
      expect.stringContaining('HANABI-N011'),
      expect.stringContaining('the orders of the day would cost 40 USDT, allowed are 30'),
    ]);
    expect(telegram.messages).toEqual([{ chat_id: 7, text: 'hello', disable_notification: false }]);
    await service(launch, 'STOP');
    await act('DELETE', `/${talks}`);
    await act('DELETE', `/${trades}`);
  });

  it('of the example tells once when the price leaves its band', async () => {
    const [talks, trades] = [await addTelegram(), await addBybit()];
    await act('PUT', `/${talks}/modules/price-alert`, {});
    await act('PUT', `/${trades}/modules/price-alert`, {});
    const launch = await desktop.launch('price-alert');
    const before = telegram.messages.length;
    const texts = () => telegram.messages.slice(before).map(({ text }) => text);
    await service(launch, 'SET_STATE', { key: 'band', value: { low: 50_000, high: 60_000 } });
    await service(launch, 'START');
    await vi.waitFor(() => expect(texts()).toEqual(['BTCUSDT is above its band: 60,000.50']), PATIENCE);
    await vi.waitFor(async () => expect(await lines(launch)).toHaveLength(1), PATIENCE);
    bybit.bid = '55000';
    await service(launch, 'TICK');
    await vi.waitFor(() => expect(texts().at(-1)).toBe('BTCUSDT is back inside its band: 55,000.00'), PATIENCE);
    await service(launch, 'STOP');
    await act('DELETE', `/${talks}`);
    await act('DELETE', `/${trades}`);
  });
});

it('a new key is made beside the running server, which goes on', async () => {
  const id = await addTelegram();
  const before = await readFile(join(server.data_dir, 'connections.key'));
  expect(await hanabi(server.data_dir, 'secrets', 'rotate')).toMatchObject({
    status: 0,
    stdout: '1 connections are sealed with the new key\n',
  });
  expect((await readFile(join(server.data_dir, 'connections.key'))).equals(before)).toBe(false);
  expect(await test(id)).toMatchObject({ ok: true });
  expect(await one(id)).toMatchObject({ usable: true });
  await act('DELETE', `/${id}`);
});

it('keys of the operator seal instead: the first of several, until the others are taken away', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'hanabi-own-keys-'));
  const file = join(data_dir, 'own.keys');
  const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  const settings = { HANABI_SECRET_KEY_FILE: file };
  const usable = async (keys: string) => {
    await writeFile(file, keys);
    const running = await startServer({ data_dir, env: settings });
    const there = await Desktop.signIn(running.url);
    if ((await get(there)).connections.length === 0) {
      await there.send('POST', path, { kind: 'llm', name: 'model', fields: { api_key: 'sk-0123456789abcdef' } });
    }
    const { connections } = await get(there);
    await running.stop();
    return connections.map((connection) => connection.usable);
  };
  try {
    expect(await usable(first)).toEqual([true]);
    expect(await usable(second)).toEqual([false]);
    expect(await usable(`${second}\n${first}\n`)).toEqual([true]);
    const rotated = await hanabiWith({ HANABI_DATA_DIR: data_dir, ...settings }, 'secrets', 'rotate');
    expect(rotated).toMatchObject({ status: 0, stdout: expect.stringContaining('1 connections') });
    expect(await usable(second)).toEqual([true]);
    expect(await readdir(data_dir)).not.toContain('connections.key');
    await expect(usable(first.slice(4))).rejects.toThrow('not 32 bytes in base64');
  } finally {
    await dropDatabase(data_dir);
    await rm(data_dir, { recursive: true });
  }
}, 120_000);

it('a backup holds the sealed credentials and not the key: what is restored elsewhere has to be typed in again', async () => {
  const id = await addTelegram();
  const [backup, data_dir] = await Promise.all([
    mkdtemp(join(tmpdir(), 'hanabi-backup-')),
    mkdtemp(join(tmpdir(), 'hanabi-restored-')),
  ]);
  expect(await hanabi(server.data_dir, 'backup', backup)).toMatchObject({ status: 0 });
  expect(await readdir(join(backup, 'files'))).not.toContain('connections.key');
  expect(await hanabi(data_dir, 'restore', backup)).toMatchObject({ status: 0 });
  const restored = await startServer({ data_dir });
  try {
    const there = await Desktop.signIn(restored.url);
    expect((await get(there)).connections).toMatchObject([{ id, usable: false }]);
    const tried = await there.send('POST', `${path}/${id}/test`, {});
    expect(await tried.json()).toMatchObject({ ok: false, message: expect.stringContaining('cannot be opened') });
  } finally {
    await restored.stop();
    await dropDatabase(data_dir);
    for (const dir of [backup, data_dir]) await rm(dir, { recursive: true });
    await act('DELETE', `/${id}`);
  }
}, 120_000);

it('no secret is in what the server printed, answered or stored', async () => {
  const ids = [await addTelegram(), await addBybit()];
  await Promise.all(ids.map((id) => test(id)));
  const db = await openDb(server.data_dir);
  const stored = JSON.stringify(await dumpOf(db));
  await db.destroy();
  const seen = stored + server.lines.join('\n') + JSON.stringify(await get());
  for (const secret of [BYBIT_KEY, BYBIT_SECRET, TELEGRAM_TOKEN]) {
    expect(seen).not.toContain(secret);
    expect(seen).not.toContain(Buffer.from(secret).toString('base64').replaceAll('=', ''));
  }
  expect(seen).toContain('connection.add');
  const key = await readFile(join(server.data_dir, 'connections.key'));
  expect(stored).not.toContain(key.toString('base64url'));
});
