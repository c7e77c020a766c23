/** Connectors against servers that speak the real protocols; what must not be seen is looked for everywhere. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectorKind, ConnectorParams } from '@hanabi/protocol';
import { CONNECTOR_CALLS, type ConnectorMethod } from '@hanabi/protocol';
import { hostFetch } from '@hanabi/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Users } from '../src/accounts/users.ts';
import { Audit } from '../src/audit.ts';
import { ConnectionCalls } from '../src/connections/connection-calls.ts';
import { ConnectionKeys } from '../src/connections/connection-keys.ts';
import { readFields } from '../src/connections/connection-fields.ts';
import { ConnectionStore } from '../src/connections/connection-store.ts';
import type { Session } from '../src/connections/connector.ts';
import { connectors } from '../src/connections/connectors/index.ts';
import { Credentials } from '../src/connections/credentials.ts';
import { rotateKeys } from '../src/connections/rotate-keys.ts';
import { Spending } from '../src/connections/spending.ts';
import { newId } from '../src/ids.ts';
import type { Db } from '../src/storage/db.ts';
import { FileTree } from '../src/storage/file-tree.ts';
import { BYBIT_KEY, BYBIT_SECRET, bybitServer, type BybitServer } from './harness/bybit-server.ts';
import { dumpOf } from './harness/dump.ts';
import { dropDatabase, openDb } from './harness/engine.ts';
import { LLM_KEY, llmServer } from './harness/llm-server.ts';
import { TELEGRAM_TOKEN, telegramServer, type TelegramServer } from './harness/telegram-server.ts';
import { sendJson, type WireServer } from './harness/wire-server.ts';

const SECRETS = [BYBIT_KEY, BYBIT_SECRET, TELEGRAM_TOKEN, LLM_KEY];

let dir: string;
let db: Db;
let userId: string;
let keys: ConnectionKeys;
let audit: Audit;
let store: ConnectionStore;
let spending: Spending;
let calls: ConnectionCalls;
let bybit: BybitServer;
let telegram: TelegramServer;
let llm: WireServer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hanabi-connectors-'));
  db = await openDb(dir);
  userId = (await new Users(db, new FileTree(db)).create('hana', 'lantern lantern', 'user')).id;
  [bybit, telegram, llm] = await Promise.all([bybitServer(), telegramServer(), llmServer()]);
  keys = new ConnectionKeys(dir, []);
  audit = new Audit(db);
});
afterAll(async () => {
  await Promise.all([bybit.close(), telegram.close(), llm.close()]);
  await db.destroy();
  await dropDatabase(dir);
  await rm(dir, { recursive: true });
});
beforeEach(() => {
  store = new ConnectionStore(db);
  spending = new Spending(db);
  const private_origins = [bybit, telegram, llm].map(({ origin }) => origin);
  calls = new ConnectionCalls({
    store,
    credentials: new Credentials(keys),
    spending,
    egress: hostFetch,
    audit,
    network: { allow_domains: [], deny_domains: [], private_origins },
  });
});
afterEach(async () => {
  for (const wire of [bybit, telegram, llm]) wire.instead = undefined;
  bybit.ahead_ms = 0;
  await db.deleteFrom('connections').execute();
});

async function connection(kind: ConnectorKind, fields: Record<string, string>): Promise<string> {
  const row = { id: newId(), user_id: userId, kind };
  const sealed = await new Credentials(keys).seal(row, readFields(kind, fields));
  await store.add({ ...row, name: kind, ...sealed });
  await store.link(await store.row(userId, row.id), 'bot');
  return row.id;
}
const toBybit = (more: object = {}) =>
  connection('bybit', { api_key: BYBIT_KEY, api_secret: BYBIT_SECRET, address: bybit.origin, ...more });
const toTelegram = (more: object = {}) =>
  connection('telegram', { token: TELEGRAM_TOKEN, chat_id: '42', address: telegram.origin, ...more });
const toLlm = (more: object = {}) =>
  connection('llm', { api_key: LLM_KEY, model: 'small', address: `${llm.origin}/v1`, ...more });

/** As the gateway does it: the parameters through their shape, the answer as the program sees it. */
async function call(id: string, method: ConnectorMethod, params: object, signal = new AbortController().signal) {
  const [kind, name] = method.split('.') as [ConnectorKind, string];
  const parsed: unknown = CONNECTOR_CALLS[method].parse(params);
  const caller = { user_id: userId, module_id: 'bot', module_version: '1.0.0', signal };
  const answer = connectors[kind].calls as Record<string, (params: unknown, session: unknown) => Promise<unknown>>;
  const told = await calls
    .perform(await store.row(userId, id), caller, method, (session: Session<ConnectorKind>) =>
      answer[name]!(parsed, session),
    )
    .catch((error: { message: string; code: string }) => ({ error: error.message, code: error.code }));
  return told as Record<string, unknown>;
}
type Order = Partial<ConnectorParams<'bybit'>['place_order']>;
const order = (id: string, more: Order = {}) =>
  call(id, 'bybit.place_order', { symbol: 'BTCUSDT', side: 'Buy', qty: '0.001', price: '20000', ...more });
const mayTrade = (id: string, order_max = 100, day_max = 250) =>
  store.change(id, { currency: 'USDT', order_max_micro: order_max * 1e6, day_max_micro: day_max * 1e6 });
const spent = async (id: string) => (await spending.today_micro(id)) / 1e6;

describe('Bybit', () => {
  it('is asked with a signature that it accepts, in queries and in bodies', async () => {
    const id = await toBybit();
    expect(await call(id, 'bybit.get_tickers', { symbol: 'BTCUSDT' })).toMatchObject({
      retCode: 0,
      result: { list: [{ symbol: 'BTCUSDT' }] },
    });
    expect(await call(id, 'bybit.get_kline', { symbol: 'BTCUSDT', interval: 15, limit: 3 })).toMatchObject({
      retCode: 0,
    });
    expect(bybit.heard.at(-1)!.target).toBe('/v5/market/kline?category=spot&symbol=BTCUSDT&interval=15&limit=3');
    expect(await call(id, 'bybit.cancel_order', { symbol: 'BTCUSDT', order_id: 'a-1' })).toMatchObject({ retCode: 0 });
  });

  it('refuses what a wrong key or secret signs, and the program hears it', async () => {
    const wrongKey = await toBybit({ api_key: 'another-key-altogether' });
    expect(await call(wrongKey, 'bybit.get_wallet_balance', {})).toEqual({
      error: 'The other service refused: API key is invalid. (10003)',
      code: 'HANABI-N012',
    });
    const wrongSecret = await toBybit({ api_secret: 'another-secret-altogether' });
    expect(await call(wrongSecret, 'bybit.get_wallet_balance', {})).toMatchObject({
      error: expect.stringContaining('10004'),
    });
  });

  it.each([-60_000, 60_000])('is asked again by its own clock where that differs by %i ms', async (ahead_ms) => {
    bybit.ahead_ms = ahead_ms;
    const id = await toBybit();
    await mayTrade(id);
    const heard = bybit.heard.length;
    expect(await order(id)).toMatchObject({ retCode: 0 });
    expect(bybit.heard.length - heard).toBe(2);
    expect(await spent(id)).toBe(20);
  });

  it('is left alone for as long as it asks', async () => {
    const id = await toBybit();
    const reset = { 'x-bapi-limit-reset-timestamp': String(Date.now() + 30_000) };
    bybit.instead = (response) => sendJson(response, 200, { retCode: 10_006, retMsg: 'Too many visits!' }, reset);
    expect(await call(id, 'bybit.get_tickers', {})).toMatchObject({
      code: 'HANABI-N012',
      retry_after: expect.any(Number),
    });
    bybit.instead = undefined;
    const heard = bybit.heard.length;
    expect(await call(id, 'bybit.get_tickers', {})).toMatchObject({ error: expect.stringContaining('left alone') });
    expect(bybit.heard.length).toBe(heard);
  });
});

describe('an order', () => {
  it('needs the switch of the user', async () => {
    const id = await toBybit();
    const placed = bybit.orders.length;
    expect(await order(id)).toEqual({
      error: 'The order was not sent: this connection may not trade',
      code: 'HANABI-N013',
    });
    expect(bybit.orders.length).toBe(placed);
  });

  it('is counted against what one order and a day may cost', async () => {
    const id = await toBybit();
    await mayTrade(id);
    const placed = bybit.orders.length;
    expect(await order(id, { qty: '0.0050001' })).toMatchObject({
      error: expect.stringContaining('one order would cost 100.002 USDT'),
    });
    expect(await order(id, { qty: '0.005' })).toMatchObject({ retCode: 0 });
    expect(await order(id, { qty: 0.005, price: 2e4 })).toMatchObject({ retCode: 0 });
    expect(await order(id, { qty: '0.005' })).toMatchObject({
      error: expect.stringContaining('the orders of the day would cost 300'),
    });
    expect(await order(id, { qty: '0.0025' })).toMatchObject({ retCode: 0 });
    expect(await spent(id)).toBe(250);
    expect(bybit.orders.slice(placed).map(({ qty, price }) => [qty, price])).toEqual([
      ['0.005', '20000'],
      ['0.005', '20000'],
      ['0.0025', '20000'],
    ]);
  });

  it('of many at a time is sent only while there is something left', async () => {
    const id = await toBybit();
    await mayTrade(id, 100, 250);
    const answers = await Promise.all(Array.from({ length: 20 }, () => order(id, { qty: '0.005' })));
    expect(answers.filter(({ retCode }) => retCode === 0)).toHaveLength(2);
    expect(await spent(id)).toBe(200);
  });

  it('that sells costs what it can be sold for, however little it asks', async () => {
    const id = await toBybit();
    await mayTrade(id, 100, 1000);
    expect(await order(id, { side: 'Sell', qty: '1', price: '1' })).toMatchObject({
      error: expect.stringContaining('60000.5'),
    });
    expect(await order(id, { side: 'Sell', qty: '0.001', price: '1' })).toMatchObject({ retCode: 0 });
    expect(await spent(id)).toBe(60.0005);
    expect(await order(id, { side: 'Sell', qty: '0.001', price: '70000' })).toMatchObject({ retCode: 0 });
    expect(await spent(id)).toBe(130.0005);
  });

  it.each<[string, Order]>([
    ['at the market in coins', { order_type: 'Market', price: null }],
    ['at the market of derivatives', { order_type: 'Market', category: 'linear', market_unit: 'quoteCoin' }],
    ['without a price', { price: null }],
    ['in another currency', { symbol: 'BTCEUR' }],
    ['of nothing', { qty: '0' }],
    ['of less than nothing', { qty: '-1' }],
    ['of no number', { qty: '1e400' }],
    ['of more than can be counted', { qty: '999999999999999999', price: '999999999999999999' }],
  ])('%s is refused: nobody knows what it costs', async (_, more) => {
    const id = await toBybit();
    await mayTrade(id, 1000, 1000);
    const placed = bybit.orders.length;
    expect(await order(id, more)).toMatchObject({ code: 'HANABI-N013' });
    expect(bybit.orders.length).toBe(placed);
    expect(await spent(id)).toBe(0);
  });

  it('at the market with an amount of money costs that', async () => {
    const id = await toBybit();
    await mayTrade(id);
    expect(await order(id, { order_type: 'Market', price: null, qty: '30', market_unit: 'quoteCoin' })).toMatchObject({
      retCode: 0,
    });
    expect(await spent(id)).toBe(30);
  });

  it('that the exchange refuses costs nothing; one whose fate is not known does', async () => {
    const id = await toBybit();
    await mayTrade(id);
    bybit.instead = (response) => sendJson(response, 200, { retCode: 170_131, retMsg: 'Insufficient balance.' });
    expect(await order(id)).toMatchObject({ error: expect.stringContaining('Insufficient balance') });
    expect(await spent(id)).toBe(0);
    // Errors inside of the exchange, a code that nobody here has heard of, and one of the first kind beside a status that says otherwise.
    for (const [status, retCode] of [
      [200, 10_016],
      [200, 170_007],
      [200, 987_654],
      [502, 170_131],
    ] as const) {
      const before = await spent(id);
      bybit.instead = (response) => sendJson(response, status, { retCode, retMsg: 'Server error.' });
      await order(id);
      expect(await spent(id)).toBe(before + 20);
    }
    bybit.instead = (response) => response.destroy();
    expect(await order(id)).toMatchObject({ code: 'HANABI-N010' });
    expect(await spent(id)).toBe(100);
  });

  it('is not placed with a connection that was taken back meanwhile', async () => {
    const id = await toBybit();
    await mayTrade(id);
    await store.unlink(await store.row(userId, id), 'bot');
    expect(await order(id)).toMatchObject({ code: 'HANABI-N011' });
    expect(await spent(id)).toBe(0);
  });
});

describe('Telegram', () => {
  it('gets messages, to the chat of the connection or another', async () => {
    const id = await toTelegram();
    expect(await call(id, 'telegram.send_message', { text: 'hello 祭り' })).toMatchObject({
      ok: true,
      result: { message_id: 1 },
    });
    await call(id, 'telegram.send_message', { text: '<b>hi</b>', chat_id: 7, parse_mode: 'HTML', silent: true });
    expect(telegram.messages).toEqual([
      { chat_id: '42', text: 'hello 祭り', disable_notification: false },
      { chat_id: 7, text: '<b>hi</b>', disable_notification: true, parse_mode: 'HTML' },
    ]);
    expect(await call(id, 'telegram.get_updates', { offset: 3 })).toMatchObject({ ok: true, result: [] });
    const bad = await call(id, 'telegram.send_message', { text: 'x', chat_id: '-1' });
    expect(bad).toEqual({ error: 'The other service refused: Bad Request: chat not found', code: 'HANABI-N012' });
  });

  it('is left alone for as long as it asks', async () => {
    const id = await toTelegram();
    telegram.instead = (response) =>
      sendJson(response, 429, {
        ok: false,
        error_code: 429,
        description: 'Too Many Requests: retry after 31',
        parameters: { retry_after: 31 },
      });
    expect(await call(id, 'telegram.send_message', { text: 'x' })).toMatchObject({ retry_after: 31 });
    telegram.instead = undefined;
    const heard = telegram.heard.length;
    expect(await call(id, 'telegram.send_message', { text: 'x' })).toMatchObject({ retry_after: expect.any(Number) });
    expect(telegram.heard.length).toBe(heard);
    await audit.written();
    const rows = await db
      .selectFrom('fetch_audit')
      .selectAll()
      .where('path', 'like', `connections/${id}/%`)
      .orderBy('seq')
      .execute();
    expect(rows.map(({ status, error_code, requests }) => [status, error_code, requests])).toEqual([
      [429, null, 1],
      [null, 'HANABI-N012', 0],
    ]);
  });
});

describe('a language model', () => {
  it('answers', async () => {
    const id = await toLlm();
    expect(await call(id, 'llm.chat', { messages: [{ role: 'user', content: 'hello' }], max_tokens: 5 })).toEqual({
      content: 'echo: hello',
      model: 'small',
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    });
    expect(JSON.parse(llm.heard.at(-1)!.body)).toEqual({
      model: 'small',
      messages: [{ role: 'user', content: 'hello' }],
      max_tokens: 5,
    });
  });

  it('that repeats the key in its answer tells the program nothing', async () => {
    const id = await toLlm();
    llm.instead = (response, { headers }) =>
      sendJson(response, 401, { error: { message: `not ${headers.authorization}` } });
    const refused = await call(id, 'llm.chat', { messages: [{ role: 'user', content: 'x' }] });
    expect(refused).toEqual({ error: 'The other service refused: not Bearer •••', code: 'HANABI-N012' });
    const escaped = LLM_KEY.replaceAll(/./g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
    llm.instead = (response) => response.end(`{"choices":[{"message":{"content":"${escaped} ${LLM_KEY}"}}]}`);
    const told = await call(id, 'llm.chat', { messages: [{ role: 'user', content: 'x' }] });
    expect(told).toMatchObject({ content: '••• •••' });
  });
});

describe('any of them', () => {
  it.each<[string, (wire: WireServer) => void]>([
    ['no JSON', (wire) => (wire.instead = (response) => response.end('<html>'))],
    ['no object', (wire) => (wire.instead = (response) => response.end('[1, 2]'))],
    ['another object', (wire) => (wire.instead = (response) => response.end('{"hello": null}'))],
    ['half an answer', (wire) => (wire.instead = (response) => response.end('{"ok": tr'))],
    ['nothing, with 502', (wire) => (wire.instead = (response) => response.writeHead(502).end())],
  ])('that answers with %s is an error for the program', async (_, misbehave) => {
    for (const [wire, id, method, params] of [
      [bybit, await toBybit(), 'bybit.get_tickers', {}],
      [telegram, await toTelegram(), 'telegram.send_message', { text: 'x' }],
      [llm, await toLlm(), 'llm.chat', { messages: [{ role: 'user', content: 'x' }] }],
    ] as const) {
      misbehave(wire);
      expect(await call(id, method, params)).toMatchObject({
        code: 'HANABI-N012',
        error: expect.stringContaining('not the JSON that was expected'),
      });
    }
  });

  it('that never stops answering is cut off', async () => {
    const id = await toTelegram();
    telegram.instead = (response) => {
      const more = () => {
        while (response.write(Buffer.alloc(65_536, 32)));
        response.once('drain', more);
      };
      more();
    };
    expect(await call(id, 'telegram.send_message', { text: 'x' })).toMatchObject({ code: 'HANABI-N005' });
  });

  it('that does not answer is not waited for by a service that is ended', async () => {
    const id = await toTelegram();
    const ended = new AbortController();
    telegram.instead = () => ended.abort();
    expect(await call(id, 'telegram.send_message', { text: 'x' }, ended.signal)).toMatchObject({ code: 'HANABI-W016' });
  });

  it('is not reached at a private address, nor unencrypted, unless the operator says so', async () => {
    const plain = await toLlm({ address: 'http://llm.example/v1' });
    const messages = [{ role: 'user', content: 'x' }];
    expect(await call(plain, 'llm.chat', { messages })).toMatchObject({ code: 'HANABI-N002' });
    const near = await toLlm({ address: 'https://127.0.0.1:8443/v1' });
    expect(await call(near, 'llm.chat', { messages })).toMatchObject({ code: 'HANABI-N003' });
  });

  it('leaves a record of each call, and its secrets nowhere', async () => {
    const ids = [await toBybit(), await toTelegram(), await toLlm()] as const;
    await mayTrade(ids[0]);
    const told = [
      await order(ids[0]),
      await order(ids[0], { qty: '1' }),
      await call(ids[1], 'telegram.send_message', { text: 'x' }),
      await call(ids[2], 'llm.chat', { messages: [{ role: 'user', content: 'x' }] }),
    ];
    for (const wire of [bybit, telegram, llm]) {
      wire.instead = (response, heard) =>
        sendJson(response, 400, {
          error: { message: JSON.stringify(heard) },
          retCode: 1,
          retMsg: JSON.stringify(heard),
          ok: false,
          description: JSON.stringify(heard),
        });
    }
    told.push(
      await call(ids[0], 'bybit.get_tickers', {}),
      await call(ids[1], 'telegram.send_message', { text: 'x' }),
      await call(ids[2], 'llm.chat', { messages: [{ role: 'user', content: 'x' }] }),
    );
    await audit.written();
    const rows = await db
      .selectFrom('fetch_audit')
      .selectAll()
      .where('path', 'like', `connections/${ids[0]}/%`)
      .orderBy('seq')
      .execute();
    expect(
      rows.map(({ path, status, error_code, module_id, requests }) => [
        path.split('/')[2],
        status,
        error_code,
        module_id,
        requests,
      ]),
    ).toEqual([
      ['bybit.place_order', 200, null, 'bot', 1],
      ['bybit.place_order', null, 'HANABI-N013', 'bot', 0],
      ['bybit.get_tickers', 400, null, 'bot', 1],
    ]);
    const everything = JSON.stringify(told) + JSON.stringify(await dumpOf(db));
    for (const secret of SECRETS) expect(everything).not.toContain(secret);
    // The server did hear them: what was looked for is what is sent.
    expect(JSON.stringify(telegram.heard)).toContain(TELEGRAM_TOKEN);
  });
});

describe('credentials', () => {
  it('open only in their own row', async () => {
    const [one, other] = [await store.row(userId, await toLlm()), await store.row(userId, await toLlm())];
    const credentials = new Credentials(keys);
    expect(await credentials.open(one)).toMatchObject({ api_key: LLM_KEY });
    for (const moved of [{ id: other.id }, { user_id: 'another' }, { kind: 'telegram' as const }]) {
      await expect(credentials.open({ ...one, ...moved })).rejects.toMatchObject({ code: 'HANABI-N014' });
    }
  });

  it('are sealed anew by a rotation, while they are used', async () => {
    const ids = [await toLlm(), await toTelegram()];
    const before = await store.row(userId, ids[0]!);
    const [answer, rotated] = await Promise.all([
      call(ids[0]!, 'llm.chat', { messages: [{ role: 'user', content: 'x' }] }),
      rotateKeys(db, keys),
    ]);
    expect(answer).toMatchObject({ content: 'echo: x' });
    expect(rotated).toEqual({ sealed: 2, lost: 0 });
    const after = await store.row(userId, ids[0]!);
    expect(after.key_id).not.toBe(before.key_id);
    await expect(new Credentials(keys).open(before)).rejects.toMatchObject({ code: 'HANABI-N014' });
    expect(await new Credentials(keys).open(after)).toMatchObject({ api_key: LLM_KEY });
    expect(await keys.all()).toHaveLength(1);
  });

  it('are not opened by another key', async () => {
    const id = await toLlm();
    const elsewhere = new Credentials(new ConnectionKeys(dir, [Buffer.alloc(32, 7)]));
    await expect(elsewhere.open(await store.row(userId, id))).rejects.toMatchObject({ code: 'HANABI-N014' });
  });
});
