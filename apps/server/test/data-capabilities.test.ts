/** The documents of modules, as the wire sees them. */
import { type DataCollections, type DataDocument, type DataPage, KIB, LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Desktop } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
let launch: { id: string };
beforeAll(async () => {
  const dirs = await Promise.all(
    ['data-a', 'data-b'].map((id) => makeModule({ id, permissions: ['data.store', 'settings.self'] })),
  );
  const env = {
    HANABI_MODULE_DIRS: dirs.join(':'),
    HANABI_DATA_COLLECTIONS_MAX: '4',
    HANABI_DATA_RECORDS_MAX: '12',
    HANABI_DATA_LIMIT_MB: '1',
  };
  server = await startServer({ env, users: ['other'] });
  desktop = await Desktop.signIn(server.url);
  launch = await desktop.launch('data-a');
});
afterAll(() => server.stop());
beforeEach(async () => {
  await desktop.send('DELETE', '/api/module-data/data-a');
});

type Payload = Record<string, unknown>;
const ask = async <T>(type: string, payload: Payload = {}) =>
  (await accepted(desktop.ask(launch, `HANABI_DATA_${type}`, payload))).data as T;
const refusal = async (type: string, payload: Payload) =>
  (await desktop.ask(launch, `HANABI_DATA_${type}`, payload)).error;
const put = (collection: string, data: unknown, more: Payload = {}) =>
  ask<{ id: string; version: number; created_at: string; updated_at: string }>('PUT', { collection, data, ...more });
const get = (collection: string, id: string) => ask<DataDocument | null>('GET', { collection, id });
const list = (payload: Payload) => ask<DataPage>('LIST', payload);
const query = (where?: Payload, limit?: number, collection = 'c') =>
  ask<{ docs: DataDocument[]; truncated: boolean }>('QUERY', { collection, where, limit });
const idsOf = ({ docs }: { docs: DataDocument[] }) => docs.map(({ id }) => id);

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`field ${n}`, n]));
const page = async <T>(path: string) => (await (await desktop.send('GET', `/api/module-data${path}`)).json()) as T;

/** A request in the very words of its JSON. */
async function raw(type: string, body: string): Promise<Answer> {
  const { cookie, csrf } = desktop;
  const headers = { cookie, 'x-hanabi-csrf': csrf, 'x-hanabi-launch': launch.id, 'content-type': 'application/json' };
  const response = await fetch(`${server.url}/api/capabilities/HANABI_DATA_${type}`, { method: 'POST', headers, body });
  return (await response.json()) as Answer;
}

async function accepted(answer: Promise<Answer>): Promise<Answer> {
  const given = await answer;
  if (!given.ok) throw new Error(JSON.stringify(given.error));
  return given;
}

describe('a document', () => {
  it.each([
    ['an object', { name: '花火', nested: { deep: [1, { a: null }] }, 'ключ 🎆': true, '': 0 }],
    ['a list', [1, 'two', null]],
    ['a text', '{"not":"parsed"}'],
    ['a text with what must be escaped', { text: '\u0000 \u2028 "quotes" \\ \ud83c' }],
    ['null', null],
    ['a number', -1.5e-7],
    ['false', false],
    ['names of prototypes', JSON.parse('{"toString":1,"hasOwnProperty":"x"}')],
  ])('comes back as the JSON text that was stored: %s', async (_name, data) => {
    const { id } = await put('c', data);
    const document = await get('c', id);
    expect(document!.data).toBe(JSON.stringify(data));
    expect(JSON.parse(document!.data)).toEqual(data);
  });

  it('gets an id of the host, or has the one that it is given', async () => {
    const made = await put('c', { n: 1 });
    expect(made.id).toMatch(/^[A-Za-z0-9_-]{16,}$/);
    for (const id of ['a', '../x', 'ö/花 火', '%00', "'; drop table data_documents; --", '🎆'.repeat(32)]) {
      expect((await put('c', { id }, { id })).id).toBe(id);
      expect(JSON.parse((await get('c', id))!.data)).toEqual({ id });
    }
  });

  it('counts its versions and keeps the time of its making', async () => {
    const first = await put('c', { n: 1 }, { id: 'x' });
    const second = await put('c', { n: 2 }, { id: 'x' });
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(second.created_at).toBe(first.created_at);
    expect(await get('c', 'x')).toEqual({ ...second, data: '{"n":2}' });
  });

  it('is null when there is none', async () => {
    expect(await get('c', 'x')).toBeNull();
    await put('c', 1, { id: 'y' });
    expect(await get('c', 'x')).toBeNull();
    expect(await get('d', 'y')).toBeNull();
  });

  it('says on deletion whether it existed, and is gone', async () => {
    await put('c', { n: 1 }, { id: 'x' });
    expect(await ask('DELETE', { collection: 'c', id: 'x' })).toEqual({ existed: true });
    expect(await ask('DELETE', { collection: 'c', id: 'x' })).toEqual({ existed: false });
    expect(await ask('DELETE', { collection: 'nowhere', id: 'x' })).toEqual({ existed: false });
    expect(await get('c', 'x')).toBeNull();
    expect(idsOf(await query({ n: 1 }))).toEqual([]);
    expect((await put('c', { n: 1 }, { id: 'x' })).version).toBe(1);
  });

  it.each([
    ['an empty collection', { collection: '', data: 1 }],
    ['a collection with a control character', { collection: 'a\u0000b', data: 1 }],
    ['a collection with half a character', { collection: '\ud83c', data: 1 }],
    ['a long collection', { collection: 'x'.repeat(129), data: 1 }],
    ['an empty id', { collection: 'c', id: '', data: 1 }],
    ['an id with a line break', { collection: 'c', id: 'a\nb', data: 1 }],
    ['no data', { collection: 'c' }],
    ['a negative version', { collection: 'c', data: 1, ifVersion: -1 }],
  ])('is refused with %s', async (_name, payload) => {
    expect((await refusal('PUT', payload)).code).toBe('HANABI-V002');
  });

  it('of as many levels as a message may have is stored, and refused with more', async () => {
    const most = LIMITS.message_depth_max;
    const deep = JSON.parse(nested(most)) as unknown;
    await put('c', deep, { id: 'deep' });
    expect(JSON.parse((await get('c', 'deep'))!.data)).toEqual(deep);
    for (const levels of [most + 1, 3000, 20_000, 100_000]) {
      const answer = await raw('PUT', `{"collection":"c","data":${nested(levels)}}`);
      expect(answer.ok || answer.error.code, String(levels)).toBe('HANABI-V002');
    }
  });
});

describe('ifVersion', () => {
  it('lets through who knows the version, and nobody else', async () => {
    expect((await put('c', 1, { id: 'x', ifVersion: 0 })).version).toBe(1);
    const again = await refusal('PUT', { collection: 'c', id: 'x', data: 2, ifVersion: 0 });
    expect(again).toMatchObject({ code: 'HANABI-V012', category: 'INVALID' });
    expect(again.message).toContain('version 1');
    expect((await put('c', 2, { id: 'x', ifVersion: 1 })).version).toBe(2);
    expect((await refusal('DELETE', { collection: 'c', id: 'x', ifVersion: 1 })).code).toBe('HANABI-V012');
    expect(await ask('DELETE', { collection: 'c', id: 'x', ifVersion: 2 })).toEqual({ existed: true });
    expect((await refusal('PUT', { collection: 'c', id: 'x', data: 2, ifVersion: 2 })).code).toBe('HANABI-V012');
  });

  it('lets exactly one of many win', async () => {
    await put('c', { n: 0 }, { id: 'x' });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        desktop.ask(launch, 'HANABI_DATA_PUT', { collection: 'c', id: 'x', data: { n }, ifVersion: 1 }),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await get('c', 'x'))!.version).toBe(2);
  });
});

describe('a query', () => {
  it('keeps apart what JSON keeps apart, and takes 1 and 1.0 for the same', async () => {
    const values = { one: 1, text: '1', yes: true, no: false, nothing: null, zero: 0, empty: '', word: 'true' };
    for (const [id, v] of Object.entries(values)) await put('c', { v }, { id });
    await put('c', { other: 1 }, { id: 'without' });
    await put('c', { v: [1] }, { id: 'list' });
    await put('c', { v: { v: 1 } }, { id: 'object' });
    for (const [id, v] of Object.entries(values)) expect(idsOf(await query({ v })), id).toEqual([id]);
    for (const one of ['1.0', '1e0', '10E-1']) {
      const { data } = await raw('QUERY', `{"collection":"c","where":{"v":${one}}}`);
      expect(idsOf(data as unknown as DataPage), one).toEqual(['one']);
    }
    await raw('PUT', '{"collection":"c","id":"float","data":{"v":1.0}}');
    expect(idsOf(await query({ v: 1 }))).toEqual(['float', 'one']);
    expect(idsOf(await query({ v: -0 }))).toEqual(['zero']);
    expect((await refusal('QUERY', { collection: 'c', where: { v: [1] } })).code).toBe('HANABI-V002');
    expect((await refusal('QUERY', { collection: 'c', where: { v: { $gt: 0 } } })).code).toBe('HANABI-V002');
  });

  it('needs all of its values, and follows what is written', async () => {
    await put('c', { kind: 'a', state: 'open', Größe: 'M' }, { id: 'x' });
    await put('c', { kind: 'a', state: 'done' }, { id: 'y' });
    expect(idsOf(await query({ kind: 'a' }))).toEqual(['y', 'x']);
    expect(idsOf(await query({ kind: 'a', state: 'open' }))).toEqual(['x']);
    expect(idsOf(await query({ Größe: 'M' }))).toEqual(['x']);
    expect(idsOf(await query({ kind: 'a', missing: 1 }))).toEqual([]);
    await put('c', { kind: 'b', state: 'open' }, { id: 'x' });
    expect(idsOf(await query({ kind: 'a' }))).toEqual(['y']);
    expect(idsOf(await query({ kind: 'b', state: 'open' }))).toEqual(['x']);
    expect(idsOf(await query())).toEqual(['x', 'y']);
    expect(idsOf(await query({ kind: 'a' }, 5, 'elsewhere'))).toEqual([]);
  });

  it('says truncated only where there are more', async () => {
    for (let n = 0; n < 5; n += 1) await put('c', { same: true, n }, { id: `d${n}` });
    expect(await query({ same: true }, 5)).toMatchObject({ truncated: false });
    const cut = await query({ same: true }, 4);
    expect(cut.truncated).toBe(true);
    expect(idsOf(cut)).toEqual(['d4', 'd3', 'd2', 'd1']);
    expect(await query({}, 5)).toMatchObject({ truncated: false });
    expect(await query({}, 1)).toMatchObject({ truncated: true });
    expect((await refusal('QUERY', { collection: 'c', where: fields(17) })).code).toBe('HANABI-V002');
  });
});

describe('a list', () => {
  it('is newest-updated first, in pages', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await put('c', id, { id });
    await put('c', 'again', { id: 'b' });
    const all = await list({ collection: 'c' });
    expect(idsOf(all)).toEqual(['b', 'd', 'c', 'a']);
    expect(all).toMatchObject({ total: 4, limit: 50, offset: 0, next: null });
    const second = await list({ collection: 'c', limit: 2, offset: 2 });
    expect(second).toMatchObject({ total: 4, limit: 2, offset: 2, next: null });
    expect(idsOf(second)).toEqual(['c', 'a']);
    expect(await list({ collection: 'none' })).toEqual({ total: 0, limit: 50, offset: 0, docs: [], next: null });
    expect((await refusal('LIST', { collection: 'c', limit: 0 })).code).toBe('HANABI-V002');
    expect((await refusal('LIST', { collection: 'c', offset: -1 })).code).toBe('HANABI-V002');
  });

  it('misses and repeats nothing while others write, with after', async () => {
    for (let n = 0; n < 6; n += 1) await put('c', n, { id: `d${n}` });
    const first = await list({ collection: 'c', limit: 2 });
    await put('c', 'new', { id: 'new' });
    await put('c', 'newer', { id: 'd5' });
    await ask('DELETE', { collection: 'c', id: 'd4' });
    const rest = await list({ collection: 'c', limit: 10, after: first.next });
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(['d5', 'd4', 'd3', 'd2', 'd1', 'd0']);
    expect(rest.next).toBeNull();
  });
});

describe('quotas', () => {
  it('are told with what is in use', async () => {
    await put('c', '12345678');
    await put('c', 1);
    await put('d', 1);
    const told = await ask<DataCollections>('LIST_COLLECTIONS');
    expect(told).toEqual({
      collections: [
        { name: 'c', count: 2 },
        { name: 'd', count: 1 },
      ],
      usage: { collections: 2, records: 3, bytes: 12 },
      quota: { collections: 4, records: 12, bytes: 1024 * KIB },
    });
  });

  it('of collections refuses a fifth one, until another is gone', async () => {
    for (const name of ['1', '2', '3', '4']) await put(name, 1, { id: 'x' });
    expect(await refusal('PUT', { collection: '5', data: 1 })).toMatchObject({
      code: 'HANABI-Q008',
      category: 'LIMIT',
      message: expect.stringContaining('"collections": 4 of 4') as string,
    });
    await ask('DELETE', { collection: '1', id: 'x' });
    await put('5', 1);
  });

  it('of records refuses a thirteenth one, in whatever collection, and never an overwrite', async () => {
    for (let n = 0; n < 12; n += 1) await put(n % 2 ? 'c' : 'd', n, { id: `d${n}` });
    const { code, message } = await refusal('PUT', { collection: 'c', data: 1 });
    expect(code).toBe('HANABI-Q009');
    expect(message).toContain('"records": 12 of 12');
    expect((await put('c', 'changed', { id: 'd1' })).version).toBe(2);
    await ask('DELETE', { collection: 'd', id: 'd0' });
    await put('c', 1);
  });

  it('of bytes counts what is stored, and a refused write changes nothing', async () => {
    const half = 'x'.repeat(500 * KIB);
    await put('c', half, { id: 'a' });
    await put('c', half, { id: 'b' });
    const { code, message } = await refusal('PUT', { collection: 'e', id: 'c', data: 'y'.repeat(100 * KIB) });
    expect(code).toBe('HANABI-Q010');
    expect(message).toContain('"bytes"');
    const { usage, collections } = await ask<DataCollections>('LIST_COLLECTIONS');
    expect(usage).toEqual({ collections: 1, records: 2, bytes: 2 * (500 * KIB + 2) });
    expect(collections).toEqual([{ name: 'c', count: 2 }]);
    await put('c', 'small', { id: 'a' });
    await put('e', 'y'.repeat(100 * KIB), { id: 'c' });
  });

  it('of one document: its bytes and its fields', async () => {
    await put('c', 'x'.repeat(512 * KIB - 2), { id: 'largest' });
    expect((await refusal('PUT', { collection: 'c', data: 'x'.repeat(512 * KIB - 1) })).code).toBe('HANABI-Q011');
    expect((await refusal('PUT', { collection: 'c', data: '花'.repeat(200 * KIB) })).code).toBe('HANABI-Q011');
    await put('c', fields(1000), { id: 'wide' });
    expect(idsOf(await query({ 'field 999': 999, 'field 0': 0 }))).toEqual(['wide']);
    expect((await refusal('PUT', { collection: 'c', data: fields(1001) })).code).toBe('HANABI-Q011');
  });
});

describe('whose documents', () => {
  it('neither another user nor another module sees, changes, counts or deletes any', async () => {
    await put('c', { secret: 1 }, { id: 'x' });
    const stranger = await Desktop.signIn(server.url, 'other', 'other');
    const others: [Desktop, { id: string }][] = [
      [desktop, await desktop.launch('data-b')],
      [stranger, await stranger.launch('data-a')],
      [stranger, await stranger.launch('data-b')],
    ];
    for (const [who, from] of others) {
      const theirs = async (type: string, payload: Payload = {}) =>
        (await accepted(who.ask(from, `HANABI_DATA_${type}`, payload))).data;
      expect(await theirs('GET', { collection: 'c', id: 'x' })).toBeNull();
      expect(await theirs('LIST', { collection: 'c' })).toMatchObject({ total: 0, docs: [] });
      expect(await theirs('QUERY', { collection: 'c', where: { secret: 1 } })).toEqual({ docs: [], truncated: false });
      expect(await theirs('DELETE', { collection: 'c', id: 'x' })).toEqual({ existed: false });
      expect(await theirs('LIST_COLLECTIONS')).toMatchObject({ collections: [], usage: { records: 0, bytes: 0 } });
      await theirs('PUT', { collection: 'c', id: 'x', data: { mine: true }, ifVersion: 0 });
      await theirs('DELETE', { collection: 'c', id: 'x' });
    }
    expect(await get('c', 'x')).toMatchObject({ version: 1, data: '{"secret":1}' });
  });
});

describe('the page of what modules keep', () => {
  it('shows, exports and deletes', async () => {
    await put('c', { n: 1 }, { id: 'x' });
    await put('c', [2], { id: 'y' });
    await put('d "q"', 'text', { id: 'z' });
    await desktop.ask(launch, 'HANABI_SET_SETTING', { key: 'theme', value: 'dark' });
    const { modules } = await page<{ modules: unknown[] }>('');
    expect(modules).toContainEqual(
      expect.objectContaining({
        module_id: 'data-a',
        name: 'data-a',
        settings: 1,
        usage: expect.objectContaining({ collections: 2, records: 3 }) as unknown,
      }),
    );
    expect((await page<DataCollections>('/data-a')).collections).toEqual([
      { name: 'c', count: 2 },
      { name: 'd "q"', count: 1 },
    ]);
    expect(idsOf(await page<DataPage>('/data-a/documents?collection=c'))).toEqual(['y', 'x']);
    const response = await desktop.send('GET', '/api/module-data/data-a/export');
    expect(response.headers.get('content-disposition')).toContain('attachment');
    const exported = (await response.json()) as Record<string, unknown>;
    expect(exported).toMatchObject({
      module_id: 'data-a',
      settings: { theme: 'dark' },
      collections: {
        c: [
          { id: 'y', data: [2] },
          { id: 'x', data: { n: 1 }, version: 1 },
        ],
        'd "q"': [{ id: 'z', data: 'text' }],
      },
    });
    const remove = async (path: string) => (await desktop.send('DELETE', `/api/module-data/data-a${path}`)).status;
    expect(await remove('/documents?collection=c&id=y')).toBe(204);
    expect(await get('c', 'y')).toBeNull();
    expect(await remove(`/collections?collection=${encodeURIComponent('d "q"')}`)).toBe(204);
    expect((await page<DataCollections>('/data-a')).collections).toEqual([{ name: 'c', count: 1 }]);
    expect(await remove('')).toBe(204);
    expect((await page<{ modules: unknown[] }>('')).modules).toEqual([]);
    const setting = await desktop.ask(launch, 'HANABI_GET_SETTING', { key: 'theme' });
    expect(setting.data).toEqual({ key: 'theme', value: null });
  });

  it('is each user’s own', async () => {
    await put('c', 1, { id: 'x' });
    const stranger = await Desktop.signIn(server.url, 'other', 'other');
    const answer = await stranger.send('GET', '/api/module-data');
    expect(((await answer.json()) as { modules: { module_id: string }[] }).modules).toEqual([]);
    await stranger.send('DELETE', '/api/module-data/data-a');
    expect(await get('c', 'x')).not.toBeNull();
  });
});
