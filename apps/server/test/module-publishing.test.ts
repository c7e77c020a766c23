/** From the upload of a package to the windows of its users, and back. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connections, DESKTOP_PATHS, type PortalModule, type ReviewCase } from '@hanabi/protocol';
import { generateKey } from '@hanabi/module-package';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import type { ModuleWish } from './harness/make-module.ts';
import { openDb } from './harness/engine.ts';
import * as publishing from './harness/publishing.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const { ask, decide, install, modulesOf, packageOf, publish, storeOf, submit, uninstall, upload } = publishing;

let server: RunningServer;
let admin: Desktop;
let dora: Desktop;
let dan: Desktop;
let ada: Desktop;
let ben: Desktop;

beforeAll(async () => {
  server = await startServer({ users: ['ada', 'ben'], prepare: publishing.developers('dora', 'dan') });
  admin = await Desktop.signIn(server.url);
  [dora, dan, ada, ben] = (await Promise.all(
    ['dora', 'dan', 'ada', 'ben'].map((name) => Desktop.signIn(server.url, name, name)),
  )) as [Desktop, Desktop, Desktop, Desktop];
});
afterAll(() => server.stop());

const page = (version: string, more: object = {}) => ({ version, ...more });

async function versionsOf(by: Desktop, id: string): Promise<string[]> {
  const { body } = await ask<{ modules: PortalModule[] }>(by, 'GET', `${DESKTOP_PATHS.portal}/modules`);
  const module = body.modules.find(({ module_id }) => module_id === id);
  return (module?.versions ?? []).map(({ version, state }) => `${version} ${state}`);
}

describe('an upload', () => {
  it('becomes a draft, which only its developer can open', async () => {
    const { status, body } = await upload(
      dora,
      await packageOf({ id: 'drafted', permissions: ['data.store', 'jobs.schedule'] }),
    );
    expect(status).toBe(201);
    expect(body.version).toMatchObject({
      module_id: 'drafted',
      version: '1.0.0',
      state: 'draft',
      review_reasons: ['It is the first version.'],
    });
    expect(await modulesOf(dora)).toContain('draft--drafted 1.0.0');
    for (const other of [admin, dan, ada]) {
      expect(await modulesOf(other)).not.toContain('draft--drafted 1.0.0');
      expect((await ask(other, 'POST', DESKTOP_PATHS.launches, { module_id: 'draft--drafted' })).code).toBe(
        'HANABI-M001',
      );
    }
    const launch = await dora.launch('draft--drafted');
    expect(launch.context).toMatchObject({ name: 'drafted (draft)', permissions: ['data.store'] });
    expect(await (await fetch(server.url + launch.document_url)).text()).toContain('<title>test</title>');
    expect((await dora.ask(launch, 'HANABI_DATA_PUT', { collection: 'c', data: { a: 1 } })).ok).toBe(true);
    expect((await ask(admin, 'GET', `${DESKTOP_PATHS.review}/drafted/versions/1.0.0`)).code).toBe('HANABI-M013');
  });

  it('with errors is not kept, and tells all of them', async () => {
    const { status, body } = await upload(
      dora,
      await packageOf({ id: 'broken-one', files: { 'hanabi.module.json': '{"schema_version": "5.0"}' } }),
    );
    expect(status).toBe(200);
    expect(body.version).toBeNull();
    expect(body.findings.map(({ code }) => code)).toContain('HANABI-V005');
    expect(await versionsOf(dora, 'broken-one')).toEqual([]);
  });

  it('that is no package leaves nothing', async () => {
    const before = await readdir(join(server.data_dir, 'modules'));
    expect((await upload(dora, Buffer.from('PK this is no zip at all, only text'))).code).toBe('HANABI-V013');
    expect(await readdir(join(server.data_dir, 'modules'))).toEqual(before);
  });

  it('is for developers, with a token of the session or a key', async () => {
    const bytes = await packageOf({ id: 'by-key' });
    expect((await upload(ada, bytes)).code).toBe('HANABI-M014');
    expect((await upload(dora, bytes, { 'x-hanabi-csrf': 'wrong' })).code).toBe('HANABI-A005');
    const keys = `${DESKTOP_PATHS.portal}/keys`;
    const { body } = await ask<{ id: string; key: string }>(dora, 'POST', keys, { name: 'my laptop' });
    const nobody = { cookie: '', 'x-hanabi-csrf': '' };
    expect((await upload(dora, bytes, { ...nobody, authorization: 'Bearer hanabi_publish_guessed' })).code).toBe(
      'HANABI-A004',
    );
    expect((await upload(dora, bytes, { ...nobody, authorization: `Bearer ${body.key}` })).status).toBe(201);
    expect((await fetch(`${server.url}${keys}`, { headers: { authorization: `Bearer ${body.key}` } })).status).toBe(
      401,
    );
    expect(JSON.stringify((await ask(dora, 'GET', keys)).body)).not.toContain(body.key);
    expect((await ask(dora, 'DELETE', `${keys}/${body.id}`)).status).toBe(204);
    expect((await upload(dora, bytes, { ...nobody, authorization: `Bearer ${body.key}` })).code).toBe('HANABI-A004');
  });

  it('cannot take what is somebody else’s', async () => {
    expect((await upload(dan, await packageOf({ id: 'drafted' }))).code).toBe('HANABI-M010');
    expect((await upload(dan, await packageOf({ id: 'image-viewer', manifest: { name: 'Some viewer' } }))).code).toBe(
      'HANABI-M010',
    );
    const { body } = await upload(dan, await packageOf({ id: 'lmage-viewer', manifest: { name: 'Pictures' } }));
    expect(body.findings).toContainEqual(
      expect.objectContaining({ path: 'id', message: expect.stringContaining('image-viewer') }),
    );
    expect((await submit(dan, 'drafted', '1.0.0')).code).toBe('HANABI-M013');
  });
});

describe('a published module', () => {
  it('is approved for what the reviewer allows, and installed by each user', async () => {
    const wish = {
      id: 'lanterns',
      permissions: ['data.store', 'jobs.schedule', 'client.wasm', 'files.read.all'] as const,
    };
    await upload(dora, await packageOf({ ...wish, permissions: [...wish.permissions] }));
    expect((await submit(dora, 'lanterns', '1.0.0')).body).toEqual({ state: 'submitted' });
    expect((await submit(dora, 'lanterns', '1.0.0')).code).toBe('HANABI-M012');
    expect((await ask(dora, 'GET', DESKTOP_PATHS.review)).code).toBe('HANABI-M014');
    const { body } = await ask<ReviewCase>(admin, 'GET', `${DESKTOP_PATHS.review}/lanterns/versions/1.0.0`);
    expect(body).toMatchObject({ live: null, added_permissions: wish.permissions, version: { developer: 'dora' } });
    expect(body.rating.score).toBeLessThan(100);
    const text = await ask<{ text: string }>(
      admin,
      'GET',
      `${DESKTOP_PATHS.review}/lanterns/versions/1.0.0/file?path=ui/main.js`,
    );
    expect(text.body.text).toContain('document.title');
    const escape = `${DESKTOP_PATHS.review}/lanterns/versions/1.0.0/file?path=../../../hanabi.db`;
    expect((await ask(admin, 'GET', escape)).code).toBe('HANABI-M004');

    const strange = await decide(admin, 'lanterns', '1.0.0', { decision: 'approve', permissions: ['worker.native'] });
    expect(strange.code).toBe('HANABI-V008');
    expect(
      (await decide(admin, 'lanterns', '1.0.0', { decision: 'approve', permissions: ['client.wasm'], note: 'Fine.' }))
        .status,
    ).toBe(204);
    expect(await versionsOf(dora, 'lanterns')).toEqual(['1.0.0 live']);

    expect((await ask(ada, 'POST', DESKTOP_PATHS.launches, { module_id: 'lanterns' })).code).toBe('HANABI-M001');
    expect(await storeOf(ada)).toContainEqual(
      expect.objectContaining({ module_id: 'lanterns', installed: null, developer: 'dora' }),
    );
    expect((await install(ada, 'lanterns')).status).toBe(204);
    expect(await modulesOf(ada)).toEqual(['lanterns 1.0.0']);
    expect(await modulesOf(ben)).toEqual([]);
    // Baseline with the installation, what the review allowed, and of the rest nothing before somebody is asked.
    expect((await ada.launch('lanterns')).context.permissions.toSorted()).toEqual(['client.wasm', 'data.store']);
  });

  it('shows pictures of its own package in the store, and nothing else', async () => {
    const portal = {
      screenshot_urls: ['ui/shot.png', 'ui/main.js', 'https://elsewhere.example/x.png', '../../hanabi.db'],
    };
    await publish(dora, admin, {
      id: 'pictured',
      manifest: { portal },
      files: { 'ui/shot.png': 'a picture', 'README.md': 'Look!' },
    });
    const shown = (await storeOf(ada)).find(({ module_id }) => module_id === 'pictured')!;
    expect(shown).toMatchObject({ readme: 'Look!', screenshots: [expect.stringContaining('/pictured/pictures/0')] });
    const picture = await ada.send('GET', shown.screenshots[0]!);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(picture.headers.get('content-security-policy')).toContain('sandbox');
    expect(await picture.text()).toBe('a picture');
    for (const index of ['1', '-1', 'x']) {
      expect((await ask(ada, 'GET', `${DESKTOP_PATHS.store}/pictured/pictures/${index}`)).code).toBe('HANABI-M004');
    }
    expect((await fetch(server.url + shown.screenshots[0]!)).status).toBe(401);
  });

  it('has to raise its version, and to keep its key', async () => {
    const key = generateKey();
    const wish = { id: 'keyed', manifest: page('1.0.0') };
    await upload(dora, await packageOf(wish, key.private_pem));
    await submit(dora, 'keyed', '1.0.0');
    expect((await upload(dora, await packageOf(wish, key.private_pem))).code).toBe('HANABI-M011');
    await decide(admin, 'keyed', '1.0.0', { decision: 'approve' });
    for (const version of ['1.0.0', '1.0.0-beta', '0.9.9']) {
      expect(
        (await upload(dora, await packageOf({ id: 'keyed', manifest: page(version) }, key.private_pem))).code,
      ).toBe('HANABI-M011');
    }
    const next = { id: 'keyed', manifest: page('1.0.1') };
    expect((await upload(dora, await packageOf(next))).code).toBe('HANABI-V020');
    expect((await upload(dora, await packageOf(next, generateKey().private_pem))).code).toBe('HANABI-V020');
    expect((await upload(dora, await packageOf(next, key.private_pem))).status).toBe(201);
    expect((await storeOf(ada)).find(({ module_id }) => module_id === 'keyed')).toMatchObject({
      signed: true,
      version: '1.0.0',
    });
  });

  it('updates at once where nothing has to be decided, and waits where something has', async () => {
    await publish(dora, admin, { id: 'moving', permissions: ['data.store'] });
    await install(ada, 'moving');
    const small = {
      id: 'moving',
      permissions: ['data.store' as const],
      manifest: page('1.1.0'),
      files: { 'ui/main.js': 'new' },
    };
    await upload(dora, await packageOf(small));
    expect((await submit(dora, 'moving', '1.1.0')).body).toEqual({ state: 'live' });
    expect(await modulesOf(ada)).toContain('moving 1.1.0');

    const more = { ...small, permissions: ['data.store' as const, 'notifications' as const], manifest: page('1.2.0') };
    await upload(dora, await packageOf(more));
    expect((await submit(dora, 'moving', '1.2.0')).body).toEqual({ state: 'live' });
    // It asks the user for more, so the user says when.
    expect(await modulesOf(ada)).toContain('moving 1.1.0');
    expect((await storeOf(ada)).find(({ module_id }) => module_id === 'moving')).toMatchObject({
      version: '1.2.0',
      installed: '1.1.0',
      added_permissions: ['notifications'],
    });
    expect((await ada.launch('moving')).context).toMatchObject({ version: '1.1.0', permissions: ['data.store'] });
    await install(ada, 'moving');
    expect((await ada.launch('moving')).context).toMatchObject({ version: '1.2.0' });

    const admins = { ...more, permissions: [...more.permissions, 'client.wasm' as const], manifest: page('1.3.0') };
    const { body } = await upload(dora, await packageOf(admins));
    expect(body.version?.review_reasons).toEqual([expect.stringContaining('client.wasm')]);
    expect((await submit(dora, 'moving', '1.3.0')).body).toEqual({ state: 'submitted' });
    expect(await versionsOf(dora, 'moving')).toEqual([
      '1.3.0 submitted',
      '1.2.0 live',
      '1.1.0 superseded',
      '1.0.0 superseded',
    ]);
    expect((await decide(admin, 'moving', '1.3.0', { decision: 'reject', note: 'What for?' })).status).toBe(204);
    expect(await versionsOf(dora, 'moving')).toContain('1.3.0 rejected');
    expect(await modulesOf(ada)).toContain('moving 1.2.0');
  });

  it('waits for a review when what runs on the server has changed', async () => {
    const wish = {
      id: 'worked',
      permissions: ['jobs.create' as const, 'worker.execute' as const],
      worker: 'def run(i, o):\n    return {}\n',
    };
    await publish(dora, admin, wish, { permissions: ['worker.execute'] });
    const changes: [Partial<ModuleWish>, RegExp][] = [
      [{ worker: 'def run(i, o):\n    return {"a": b""}\n' }, /What runs on the server/],
      [{ files: { 'ui/helper.py': 'x = 1' } }, /ui\/helper.py/],
      [{ files: { 'worker/table.csv': '1' } }, /worker\/table.csv/],
      [{ files: { 'tables/names.txt': '1' } }, /tables\/names.txt/],
      [{ manifest: { ...page('2.0.0'), dependencies: { python: ['pillow'] } } }, /Python libraries/],
      [
        { manifest: { ...page('2.0.0'), dependencies: { services: ['https://a.example'] } } },
        /internet addresses: https:\/\/a.example/,
      ],
      [{ manifest: { ...page('2.0.0'), worker: { tier: 'large' } } }, /tier "large"/],
    ];
    for (const [change, reason] of changes) {
      const { body } = await upload(dora, await packageOf({ ...wish, manifest: page('2.0.0'), ...change }));
      expect(body.version?.review_reasons.join('\n')).toMatch(reason);
    }
    const { body } = await upload(
      dora,
      await packageOf({ ...wish, manifest: page('2.0.0'), files: { 'README.md': 'More to read', 'ui/main.js': '1' } }),
    );
    expect(body.version?.review_reasons).toEqual([]);
  });

  it('goes back to a version that was live, with everybody who has a later one', async () => {
    await publish(dora, admin, { id: 'regretted' });
    await publish(dora, admin, { id: 'regretted', manifest: page('1.1.0') });
    await install(ada, 'regretted');
    expect(await modulesOf(ada)).toContain('regretted 1.1.0');
    const launch = await ada.launch('regretted');
    const back = `${DESKTOP_PATHS.review}/regretted/versions/1.0.0/roll-back`;
    expect((await ask(dora, 'POST', back, {})).code).toBe('HANABI-M014');
    expect((await ask(admin, 'POST', back, { note: '1.1.0 lost files' })).status).toBe(204);
    expect(await modulesOf(ada)).toContain('regretted 1.0.0');
    expect((await ada.ask(launch, 'HANABI_LIST_JOBS')).error.code).toBe('HANABI-M002');
    expect(await versionsOf(dora, 'regretted')).toEqual(['1.1.0 superseded', '1.0.0 live']);
    expect((await ask(admin, 'POST', back, {})).code).toBe('HANABI-M012');
  });
});

describe('the end of a module', () => {
  it('takes the connections with it that it was lent, data kept or not', async () => {
    await publish(dora, admin, {
      id: 'borrows',
      permissions: ['worker.service'],
      files: { 'service/main.py': 'def tick(ctx):\n    pass\n' },
      manifest: {
        entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
        dependencies: { connectors: ['llm'] },
      },
    });
    await install(ada, 'borrows');
    const path = DESKTOP_PATHS.connections;
    const { body } = await ask<{ id: string }>(ada, 'POST', path, { kind: 'llm', name: 'model', fields: {} });
    expect((await ask(ada, 'PUT', `${path}/${body.id}/modules/borrows`, {})).status).toBe(204);
    const lent = async () =>
      (await ask<Connections>(ada, 'GET', path)).body.connections.flatMap(({ modules }) => modules);
    expect(await lent()).toEqual(['borrows']);
    expect((await uninstall(ada, 'borrows')).status).toBe(204);
    expect(await lent()).toEqual([]);
    await install(ada, 'borrows');
    expect(await lent()).toEqual([]);
  });

  it('an open window of one that is uninstalled gets HANABI-M008, and its data stays or goes', async () => {
    await publish(dora, admin, { id: 'leaving', permissions: ['data.store', 'files.write'] });
    await install(ada, 'leaving');
    const launch = await ada.launch('leaving');
    const put = { collection: 'c', id: 'd', data: { a: 1 } };
    expect((await ada.ask(launch, 'HANABI_DATA_PUT', put)).ok).toBe(true);
    const written = await ada.ask(launch, 'HANABI_WRITE_FILE', { name: 'a.txt', bytesB64: 'YQ==' });
    expect(written.ok).toBe(true);
    expect((await uninstall(ada, 'leaving')).status).toBe(204);
    expect((await ada.ask(launch, 'HANABI_DATA_GET', { collection: 'c', id: 'd' })).error.code).toBe('HANABI-M008');
    expect((await fetch(server.url + launch.document_url)).status).toBe(404);
    expect((await uninstall(ada, 'leaving')).code).toBe('HANABI-M001');

    await install(ada, 'leaving');
    const again = await ada.launch('leaving');
    expect((await ada.ask(again, 'HANABI_DATA_GET', { collection: 'c', id: 'd' })).data).toMatchObject({
      data: '{"a":1}',
    });
    expect((await uninstall(ada, 'leaving', 'delete')).status).toBe(204);
    expect((await ada.folderAt('Modules')).folders.map(({ name }) => name)).not.toContain('leaving');
    await install(ada, 'leaving');
    const anew = await ada.launch('leaving');
    expect((await ada.ask(anew, 'HANABI_DATA_GET', { collection: 'c', id: 'd' })).data).not.toMatchObject({
      data: '{"a":1}',
    });
  });

  it('one that is suspended stops for everybody, and goes on', async () => {
    await publish(dora, admin, { id: 'halted', permissions: ['data.store'] });
    await install(ada, 'halted');
    const launch = await ada.launch('halted');
    const suspend = (what: string) =>
      ask(admin, 'POST', `${DESKTOP_PATHS.review}/halted/${what}`, { note: 'looked into' });
    expect((await suspend('suspend')).status).toBe(204);
    expect((await suspend('suspend')).code).toBe('HANABI-M012');
    expect(await modulesOf(ada)).not.toContain('halted 1.0.0');
    expect((await ada.ask(launch, 'HANABI_DATA_LIST_COLLECTIONS')).error.code).toBe('HANABI-M009');
    expect((await ask(ada, 'POST', DESKTOP_PATHS.launches, { module_id: 'halted' })).code).toBe('HANABI-M009');
    expect((await install(ben, 'halted')).code).toBe('HANABI-M009');
    expect((await storeOf(ben)).map(({ module_id }) => module_id)).not.toContain('halted');
    expect((await suspend('resume')).status).toBe(204);
    expect(await modulesOf(ada)).toContain('halted 1.0.0');
    expect((await ada.ask(launch, 'HANABI_DATA_LIST_COLLECTIONS')).ok).toBe(true);
  });

  it('each step stands in the history of the module, and on record', async () => {
    const { body } = await ask<{ modules: PortalModule[] }>(dora, 'GET', `${DESKTOP_PATHS.portal}/modules`);
    const steps = body.modules.find(({ module_id }) => module_id === 'halted')!.steps;
    expect(steps.map(({ step, actor }) => `${step} ${actor}`)).toEqual([
      'resumed admin',
      'suspended admin',
      'installed ada',
      'approved admin',
      'submitted dora',
      'uploaded dora',
    ]);
    const db = await openDb(server.data_dir);
    try {
      const rows = await db
        .selectFrom('audit_events')
        .select(['event', 'actor', 'module_id', 'module_version'])
        .where('module_id', '=', 'halted')
        .orderBy('seq')
        .execute();
      expect(rows.map(({ event, actor }) => `${event} ${actor}`)).toEqual([
        'module.upload dora',
        'module.submit dora',
        'module.approve admin',
        'module.install ada',
        'module.suspend admin',
        'module.resume admin',
      ]);
    } finally {
      await db.destroy();
    }
  });
});
