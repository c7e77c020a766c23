/** Every row that the server answers, against everything that must not pass: the three checks as the wire sees them. */
import {
  CAPABILITIES,
  type CapabilityRow,
  DESKTOP_PATHS,
  type Permission,
  PERMISSIONS,
  PERMISSION_NAMES,
} from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { grant } from './harness/grant.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const rows: [string, CapabilityRow][] = Object.entries<CapabilityRow>(CAPABILITIES).filter(
  ([, row]) => row.home === 'server',
);
const neededBy = (row: CapabilityRow): Permission[] => [...(row.needs.all ?? []), ...(row.needs.any ?? [])];

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  const dirs = [
    await makeModule({ id: 'declares-nothing' }),
    await makeModule({ id: 'declares-all', permissions: PERMISSION_NAMES }),
    await makeModule({ id: 'granted-nothing', permissions: PERMISSION_NAMES }),
  ];
  server = await startServer({
    env: { HANABI_MODULE_DIRS: dirs.join(':') },
    users: ['other'],
    prepare: async (db) => {
      await grant(db, 'granted-nothing', PERMISSION_NAMES, 'denied');
      await grant(db, 'declares-all', ['worker.service']);
    },
  });
  desktop = await Desktop.signIn(server.url);
  const asked = PERMISSION_NAMES.filter((name) => PERMISSIONS[name].tier === 'consent');
  await desktop.send('PUT', DESKTOP_PATHS.grants, {
    module_id: 'declares-all',
    permissions: asked,
    decision: 'allow',
  });
});
afterAll(() => server.stop());

describe.each(rows)('%s', (type, row) => {
  it('needs what the row says to be declared', async () => {
    const launch = await desktop.launch('declares-nothing');
    const answer = await desktop.ask(launch, type, row.example);
    expect(answer).toMatchObject({
      ok: false,
      status: 403,
      error: { code: 'HANABI-P001', category: 'PERMISSION_DENIED' },
    });
  });

  it('needs what the row says to be granted', async () => {
    const launch = await desktop.launch('granted-nothing');
    const answer = await desktop.ask(launch, type, row.example);
    const tier = PERMISSIONS[neededBy(row)[0]!].tier;
    expect(answer.error).toMatchObject({ code: tier === 'consent' ? 'HANABI-P003' : 'HANABI-P002' });
  });

  it.each([
    ['an unknown field', { ...row.example, surprise: true }],
    ['a list', [row.example]],
    ['a number', 7],
  ])('refuses %s as payload', async (_name, payload) => {
    const launch = await desktop.launch('declares-all');
    expect((await desktop.ask(launch, type, payload)).error).toMatchObject({
      code: 'HANABI-V002',
      category: 'INVALID',
    });
  });

  it('refuses each field of the wrong type', async () => {
    const launch = await desktop.launch('declares-all');
    for (const field of Object.keys(row.example)) {
      if (field === 'value' || field === 'data') continue; // Any JSON is right there.
      const payload = { ...row.example, [field]: { unexpected: [1] } };
      if (field === 'options') payload[field] = 'text';
      const { error } = await desktop.ask(launch, type, payload);
      expect(error, field).toMatchObject({ code: 'HANABI-V002' });
    }
  });

  it('needs a live launch of the same session', async () => {
    const stranger = await Desktop.signIn(server.url, 'other', 'other');
    const launch = await desktop.launch('declares-all');
    expect((await stranger.ask(launch, type, row.example)).error).toMatchObject({ code: 'HANABI-M002' });
    expect((await desktop.ask({ id: 'nonsense' }, type, row.example)).error).toMatchObject({ code: 'HANABI-M002' });
    await desktop.send('DELETE', `/api/launches/${launch.id}`);
    expect((await desktop.ask(launch, type, row.example)).error).toMatchObject({ code: 'HANABI-M002' });
  });
});

describe('a type', () => {
  it.each(['HANABI_UNKNOWN', 'constructor', '__proto__', 'toString', 'HANABI_READY', 'x'.repeat(500)])(
    'that the server does not answer is refused: %s',
    async (type) => {
      const launch = await desktop.launch('declares-all');
      const answer = await desktop.ask(launch, encodeURIComponent(type), {});
      expect(answer.error).toMatchObject({ code: 'HANABI-V003', category: 'UNSUPPORTED' });
    },
  );
});

describe('a body', () => {
  it.each([['{"__proto__":{"fileId":"x"}}'], ['{"constructor":{"prototype":{}}}'], ['{'], ['nonsense']])(
    'that is hostile or no JSON is refused: %s',
    async (body) => {
      const launch = await desktop.launch('declares-all');
      const response = await fetch(`${server.url}/api/capabilities/HANABI_GET_SETTING`, {
        method: 'POST',
        headers: {
          cookie: desktop.cookie,
          'x-hanabi-csrf': desktop.csrf,
          'x-hanabi-launch': launch.id,
          'content-type': 'application/json',
        },
        body,
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { category: 'INVALID' } });
    },
  );
});
