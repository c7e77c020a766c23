/** What administrators see of the whole server, and that nobody else does. */
import { hostname } from 'node:os';
import { type AdminModule, type AuditPage, DESKTOP_PATHS, type Health, LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const { admin: path } = DESKTOP_PATHS;
const AT = '2026-01-01T00:00:00.000Z';
const COUNT = 2 * LIMITS.audit_page_rows + 5;

/** Services and workflows in every state, and an executor that was last heard of two minutes ago. */
async function seedWork(db: Db): Promise<void> {
  const { id: user_id } = await db
    .selectFrom('users')
    .select('id')
    .where('name', '=', 'mika')
    .executeTakeFirstOrThrow();
  const states = ['running', 'running', 'failed', 'stopped'] as const;
  await db
    .insertInto('services')
    .values(states.map((state, index) => ({ user_id, module_id: `service-${index}`, state, ticks: 0, failures: 0 })))
    .execute();
  const runs = [
    ['RUNNING', 0],
    ['RUNNING', 2],
    ['FAILED', 1],
  ] as const;
  const run = { user_id, module_id: 'flows', workflow_type: 'Waits', first_run_id: 'run-0', events: 1, fence: 1 };
  await db
    .insertInto('workflow_runs')
    .values(
      runs.map(([status, failures], index) => ({
        ...run,
        run_id: `run-${index}`,
        workflow_id: `order-${index}`,
        status,
        failures,
        paused: status === 'RUNNING' && failures === 0 ? 1 : 0,
        started_ms: 0,
      })),
    )
    .execute();
  const silent = { id: 'gone', kind: 'executor' as const, name: 'lantern', places: 4 };
  await db
    .insertInto('servers')
    .values({ ...silent, seen_ms: Date.now() - 120_000 })
    .execute();
}

let server: RunningServer;
let admin: Desktop;
beforeAll(async () => {
  const dir = await makeModule({ id: 'asker', permissions: ['files.read', 'worker.native', 'client.wasm'] });
  server = await startServer({
    env: { HANABI_MODULE_DIRS: dir },
    users: ['mika'],
    prepare: async (db) => {
      const row = { at: AT, event: 'test', outcome: 'ok' as const, actor: 'somebody', subject: '', detail: '' };
      const rows = Array.from({ length: COUNT }, (_, index) => ({ ...row, detail: `row ${index}` }));
      await db.insertInto('audit_events').values(rows.slice(0, 100)).execute();
      await db.insertInto('audit_events').values(rows.slice(100)).execute();
      const odd = { ...row, event: 'odd', actor: '=1+1', subject: '100%_"sure"', detail: 'a, "b"\nc' };
      await db.insertInto('audit_events').values(odd).execute();
      await seedWork(db);
    },
  });
  admin = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

const audit = async (query: Record<string, string>) => {
  const response = await admin.send('GET', `${path}/audit?${new URLSearchParams(query).toString()}`);
  expect(response.status).toBe(200);
  return (await response.json()) as AuditPage;
};

it('is for administrators', async () => {
  const mika = await Desktop.signIn(server.url, 'mika', 'mika');
  for (const part of ['users', 'invitations', 'modules', 'audit', 'audit/export', 'jobs', 'health']) {
    expect(await errorOf(await mika.send('GET', `${path}/${part}`)), part).toMatchObject({ code: 'HANABI-A006' });
  }
  const grant = await mika.send('PUT', `${path}/modules/asker/grants`, {
    permission: 'worker.native',
    said: 'granted',
  });
  expect(await errorOf(grant)).toMatchObject({ code: 'HANABI-A006' });
});

describe('the audit', () => {
  it('is read page by page, the newest first, each row once', async () => {
    const seen: string[] = [];
    let before: number | null = null;
    do {
      const page: AuditPage = await audit({ event: 'test', ...(before !== null && { before: String(before) }) });
      seen.push(...page.rows.map(({ detail }) => detail));
      before = page.next;
    } while (before !== null);
    expect(seen).toEqual(Array.from({ length: COUNT }, (_, index) => `row ${COUNT - 1 - index}`));
  });

  it.each([
    [{ text: '100%_' }, ['odd']],
    [{ text: 'SURE' }, ['odd']],
    [{ text: '100__' }, []],
    [{ event: 'odd', outcome: 'refused' }, []],
    [{ event: 'odd', outcome: 'ok' }, ['odd']],
    [{ source: 'network' }, []],
  ])('finds with %j what it says', async (query, events) => {
    expect((await audit(query as unknown as Record<string, string>)).rows.map(({ event }) => event)).toEqual(events);
  });

  it.each([
    [{ before: 'x' }],
    [{ source: 'elsewhere' }],
    [{ outcome: 'perhaps' }],
    [{ text: 'x'.repeat(LIMITS.audit_query_chars_max + 1) }],
  ])('refuses the question %j', async (query) => {
    const response = await admin.send(
      'GET',
      `${path}/audit?${new URLSearchParams(query as Record<string, string>).toString()}`,
    );
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-V008' });
  });

  it('is exported whole, and no row of it is a formula', async () => {
    const lines = await (await admin.send('GET', `${path}/audit/export?event=test&format=ndjson`)).text();
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event),
    ).toEqual(Array.from({ length: COUNT }, () => 'test'));
    const csv = await admin.send('GET', `${path}/audit/export?event=odd&format=csv`);
    expect(csv.headers.get('content-disposition')).toContain('audit-decisions.csv');
    const [head, row] = (await csv.text()).split('\r\n');
    expect(head).toContain('event,outcome,actor,subject');
    expect(row).toContain(`,odd,ok,'=1+1,"100%_""sure""",,,,,,"a, ""b""\nc"`);
    expect((await audit({ event: 'audit.export' })).rows).toHaveLength(2);
  });
});

const say = (said: string, permission = 'worker.native') =>
  admin.send('PUT', `${path}/modules/asker/grants`, { permission, said });

it('a permission is granted to a module for everybody, denied, and left as usual again', async () => {
  const mika = await Desktop.signIn(server.url, 'mika', 'mika');
  const state = async () => {
    const { modules } = (await (await admin.send('GET', `${path}/modules`)).json()) as { modules: AdminModule[] };
    const permission = modules
      .find(({ id }) => id === 'asker')!
      .permissions.find(({ name }) => name === 'worker.native');
    const launch = await mika.launch('asker');
    return [permission!.said, permission!.granted, launch.context.permissions.includes('worker.native')];
  };
  expect(await state()).toEqual(['default', false, false]);
  expect((await say('granted')).status).toBe(204);
  expect(await state()).toEqual(['granted', true, true]);
  await say('denied');
  expect(await state()).toEqual(['denied', false, false]);
  await say('default');
  expect(await state()).toEqual(['default', false, false]);
  expect(await errorOf(await say('granted', 'network.fetch'))).toMatchObject({ code: 'HANABI-P001' });
  const { rows } = await audit({ event: 'grant.set', module: 'asker' });
  expect(rows.map(({ permission, detail }) => [permission, detail])).toEqual([
    ['worker.native', 'default, for everybody'],
    ['worker.native', 'denied, for everybody'],
    ['worker.native', 'granted, for everybody'],
  ]);
});

it('the health of the server is told in numbers', async () => {
  const health = (await (await admin.send('GET', `${path}/health`)).json()) as Health;
  expect(health).toMatchObject({
    database: 'SQLite',
    contents: 'files',
    users: 2,
    jobs_queued: 0,
    jobs_running: 0,
    services_running: 2,
    services_failed: 1,
    workflows_open: 2,
    workflows_stuck: 1,
    workflows_paused: 1,
    servers: [
      { kind: 'server', name: hostname(), places: 4, jobs_running: 0, is_silent: false },
      { kind: 'executor', name: 'lantern', places: 4, jobs_running: 0, is_silent: true },
    ],
  });
  expect(health.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(health.disk_total_bytes).toBeGreaterThan(health.disk_free_bytes);
  expect(await (await admin.send('GET', `${path}/jobs`)).json()).toEqual({ jobs: [] });
});
