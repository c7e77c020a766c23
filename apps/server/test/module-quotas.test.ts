/** What an administrator bounds and denies, of modules of the house and of published ones; it holds at once and stays. */
import {
  type AdminModules,
  DESKTOP_PATHS,
  LIMITS,
  type Permission,
  Quota,
  type UserSchedules,
  WORKER_TIERS,
} from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Audit } from '../src/audit.ts';
import { networkPolicy, withinDay } from '../src/jobs/network-policy.ts';
import type { Db } from '../src/storage/db.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { openDb } from './harness/engine.ts';
import { hanabi } from './harness/hanabi.ts';
import { makeModule } from './harness/make-module.ts';
import {
  ask,
  decide,
  developers,
  install,
  packageOf,
  publish,
  submit,
  uninstall,
  upload,
} from './harness/publishing.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const { admin: path, review } = DESKTOP_PATHS;
const permissions: Permission[] = ['jobs.create', 'notifications', 'settings.self', 'worker.execute', 'worker.native'];
const TWO_FILES = 'def run(i, o):\n    return {"a": b"", "b": b""}\n';

let server: RunningServer;
let db: Db;
let admin: Desktop;
let dora: Desktop;
let ada: Desktop;
beforeAll(async () => {
  const dir = await makeModule({ id: 'of-house', permissions, worker: TWO_FILES });
  server = await startServer({
    users: ['ada'],
    prepare: developers('dora', 'doris'),
    env: {
      HANABI_MODULE_DIRS: dir,
      HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
      HANABI_WORKER_TIERS: JSON.stringify({ tiny: { ...WORKER_TIERS.small, output_files_max: 1 } }),
    },
  });
  db = await openDb(server.data_dir);
  admin = await Desktop.signIn(server.url);
  dora = await Desktop.signIn(server.url, 'dora', 'dora');
  ada = await Desktop.signIn(server.url, 'ada', 'ada');
});
afterAll(async () => {
  await db.destroy();
  await server.stop();
});

const bound = (id: string, quota: object) => admin.send('PUT', `${path}/modules/${id}/quota`, quota);
const say = (id: string, permission: Permission, said: string) =>
  admin.send('PUT', `${path}/modules/${id}/grants`, { permission, said });
const run = async (id: string) => (await ada.ask(await ada.launch(id), 'HANABI_CREATE_JOB')).error?.code;
const granted = async (id: string) => (await ada.launch(id)).context.permissions;
const shown = async (id: string) => {
  const { body } = await ask<AdminModules>(admin, 'GET', `${path}/modules`);
  return body.modules.find((module) => module.id === id)!;
};
const roll = (id: string, version: string) => ask(admin, 'POST', `${review}/${id}/versions/${version}/roll-back`, {});

const scheduleOf = async (user: Desktop, id: string) => {
  const { body } = await ask<UserSchedules>(user, 'GET', DESKTOP_PATHS.schedules);
  const { enabled, error, next_run_at } = body.schedules.find(({ module_id }) => module_id === id)!;
  return { enabled, code: error?.code, is_due: next_run_at !== null };
};

it('a tier that an administrator sets holds for the next job, of a module of the house as of a published one', async () => {
  await publish(dora, admin, { id: 'published', permissions, worker: TWO_FILES }, { permissions: ['worker.execute'] });
  await install(ada, 'published');
  for (const id of ['of-house', 'published']) {
    expect(await run(id)).toBeUndefined();
    expect((await bound(id, { tier: 'tiny', fetch_requests_per_s_max: 2 })).status).toBe(204);
    expect(await run(id)).toBe('HANABI-W007');
    expect((await shown(id)).quota).toEqual({ ...Quota.parse({}), tier: 'tiny', fetch_requests_per_s_max: 2 });
    expect((await bound(id, {})).status).toBe(204);
    expect(await run(id)).toBeUndefined();
  }
  const { body } = await ask<{ rows: { detail: string }[] }>(
    admin,
    'GET',
    `${path}/audit?event=quota.set&module=of-house`,
  );
  expect(body.rows.map(({ detail }) => detail)).toEqual(['as usual', 'tier: tiny · fetch_requests_per_s_max: 2']);
});

it.each([
  ['a tier that there is not', { tier: 'enormous' }, 'HANABI-M007'],
  [
    'more than the server gives',
    { fetch_requests_per_s_max: LIMITS.fetch_broad_requests_per_s_max + 1 },
    'HANABI-V008',
  ],
  ['nothing at all', { fetch_bytes_max: 0 }, 'HANABI-V008'],
  ['what is no quota', { permissions: ['worker.native'] }, 'HANABI-V008'],
])('no quota is %s', async (_, quota, code) => {
  expect(await errorOf(await bound('of-house', quota))).toMatchObject({ code });
});

it('a quota bounds what workers reach: one job, its rate, and all jobs of a user in 24 hours', async () => {
  const rules = { allow_domains: [], deny_domains: [], private_origins: [] };
  const wide: Permission[] = ['network.fetch.broad'];
  const rights = { declared: new Set(wide), granted: new Set(wide) };
  const { manifest } = { manifest: { dependencies: { services: [] } } } as unknown as Parameters<
    typeof networkPolicy
  >[0];
  const policyOf = (quota: object) => networkPolicy({ manifest, quota: Quota.parse(quota) }, rights, rules);
  expect(policyOf({ fetch_bytes_max: 1000, fetch_requests_per_s_max: 3 })?.budget).toEqual({
    bytes_max: 1000,
    requests_per_s_max: 3,
  });
  const moved = { method: 'GET', origin: 'https://a.example', path: '/', status: 200, error_code: null, wall_ms: 1 };
  const by = { user_id: ada.session.user.id, module_id: 'mover', module_version: '1.0.0', requests: 1 };
  const rows = [
    { ...by, at: new Date().toISOString(), job_id: 'one', sent_bytes: 100, received_bytes: 500 },
    { ...by, at: new Date().toISOString(), job_id: 'two', sent_bytes: 0, received_bytes: 100 },
    { ...by, at: '2026-01-01T00:00:00.000Z', job_id: 'old', sent_bytes: 0, received_bytes: 9000 },
    { ...by, at: new Date().toISOString(), user_id: 'another', job_id: 'three', sent_bytes: 0, received_bytes: 9000 },
  ];
  await db
    .insertInto('fetch_audit')
    .values(rows.map((row) => ({ ...moved, ...row })))
    .execute();
  const left = async (quota: object) => {
    const module = { id: 'mover', quota: Quota.parse(quota) };
    return (await withinDay(policyOf(quota), new Audit(db), by.user_id, module))?.budget?.bytes_max;
  };
  expect(await left({ fetch_bytes_max: 1000, fetch_bytes_per_day_max: 5000 })).toBe(1000);
  expect(await left({ fetch_bytes_max: 1000, fetch_bytes_per_day_max: 1500 })).toBe(800);
  expect(await left({ fetch_bytes_per_day_max: 600 })).toBe(0);
});

it('what an administrator says of a published module holds at once, for its updates, and when one goes back', async () => {
  const wish = { id: 'watched', permissions, worker: TWO_FILES };
  await publish(dora, admin, wish, { permissions: ['worker.execute', 'worker.native'] });
  await install(ada, 'watched');
  await say('watched', 'worker.native', 'denied');
  await say('watched', 'notifications', 'denied');
  expect(await granted('watched')).toEqual(['jobs.create', 'settings.self', 'worker.execute']);
  const page = { 'ui/main.js': 'document.title = "1.1.0"' };
  await upload(dora, await packageOf({ ...wish, manifest: { version: '1.1.0' }, files: page }));
  expect((await submit(dora, 'watched', '1.1.0')).body.state).toBe('live');
  expect(await granted('watched')).toEqual(['jobs.create', 'settings.self', 'worker.execute']);
  expect((await shown('watched')).earlier).toEqual(['1.0.0']);
  expect((await roll('watched', '1.0.0')).status).toBe(204);
  expect(await granted('watched')).toEqual(['jobs.create', 'settings.self', 'worker.execute']);
  const told = await hanabi(server.data_dir, 'module', 'grant', 'watched', 'worker.native');
  expect(told.stdout).toContain('worker.native is granted to watched for everybody');
  await expect.poll(() => granted('watched')).toContain('worker.native');
  await say('watched', 'notifications', 'default');
  expect(await granted('watched')).toContain('notifications');
});

it('a suspended module goes on with what an administrator decides, and with nothing else', async () => {
  const wish = { id: 'stopped', permissions: ['settings.self'] as Permission[] };
  await publish(dora, admin, wish);
  await upload(dora, await packageOf({ ...wish, manifest: { version: '1.1.0' }, files: { 'ui/a.js': '1' } }));
  await submit(dora, 'stopped', '1.1.0');
  await install(ada, 'stopped');
  const launch = await ada.launch('stopped');
  const state = async () => (await ask(ada, 'GET', `${DESKTOP_PATHS.launches}/${launch.id}`)).code;
  expect(await state()).toBeUndefined();
  await ask(admin, 'POST', `${review}/stopped/suspend`, {});
  expect(await state()).toBe('HANABI-M009');
  // Its developer cannot let it go on with an update that would go live by itself.
  await upload(dora, await packageOf({ ...wish, manifest: { version: '1.2.0' }, files: { 'ui/a.js': '2' } }));
  expect((await submit(dora, 'stopped', '1.2.0')).body.state).toBe('submitted');
  expect(await state()).toBe('HANABI-M009');
  expect((await roll('stopped', '1.0.0')).status).toBe(204);
  expect(await shown('stopped')).toMatchObject({ version: '1.0.0', suspended: false });
  // The window is of a version that was taken back.
  expect(await state()).toBe('HANABI-M002');
  expect((await ask(admin, 'POST', `${review}/stopped/suspend`, {})).status).toBe(204);
  expect((await decide(admin, 'stopped', '1.2.0', { decision: 'approve' })).status).toBe(204);
  expect(await shown('stopped')).toMatchObject({ version: '1.2.0', suspended: false });
});

it('schedules of a suspended module stand still at once and go on with it, but not for who has removed it', async () => {
  const asked: Permission[] = ['jobs.schedule', 'worker.execute'];
  const wish = { id: 'nightly', permissions: asked, worker: TWO_FILES };
  await publish(dora, admin, wish, { permissions: asked });
  for (const user of [ada, dora]) {
    await install(user, 'nightly');
    const payload = { trigger: { seconds: 3600 } };
    expect(await user.ask(await user.launch('nightly'), 'HANABI_SCHEDULE_CREATE', payload)).toMatchObject({ ok: true });
  }
  const schedules = () => Promise.all([ada, dora].map((user) => scheduleOf(user, 'nightly')));
  const on = { enabled: true, code: undefined, is_due: true };
  const held = { enabled: false, code: 'HANABI-M009', is_due: false };
  expect(await schedules()).toEqual([on, on]);
  await ask(admin, 'POST', `${review}/nightly/suspend`, {});
  expect(await schedules()).toEqual([held, held]);
  expect((await uninstall(dora, 'nightly')).status).toBe(204);
  await ask(admin, 'POST', `${review}/nightly/resume`, {});
  expect(await schedules()).toEqual([on, { ...held, code: 'HANABI-M008' }]);
});

it('two developers who upload one new id at the same moment: one has it', async () => {
  const doris = await Desktop.signIn(server.url, 'doris', 'doris');
  const bytes = await packageOf({ id: 'wanted-by-two', permissions: [] });
  const answers = await Promise.all([upload(dora, bytes), upload(doris, bytes), upload(dora, bytes)]);
  const codes = new Set(answers.map(({ code }) => code));
  expect(codes).toEqual(new Set([undefined, 'HANABI-M010']));
  const owner = answers[0].code === undefined ? dora : doris;
  expect((await submit(owner, 'wanted-by-two', '1.0.0')).status).toBe(200);
  const own = await owner.launch('draft--wanted-by-two');
  expect((await fetch(server.url + own.document_url)).status).toBe(200);
});

it('an administrator cancels a job of somebody else, and it is on record', async () => {
  const worker = 'import time\ndef run(i, o):\n    time.sleep(600)\n';
  const wish = { id: 'sleeper', permissions: ['jobs.queue', 'worker.execute'] as Permission[], worker };
  await publish(dora, admin, wish, { permissions: ['worker.execute'] });
  await install(ada, 'sleeper');
  const { data } = await ada.ask(await ada.launch('sleeper'), 'HANABI_QUEUE_TASK');
  const { id } = data['job'] as { id: string };
  const cancel = (by: Desktop) => ask(by, 'POST', `${path}/jobs/${id}/cancel`);
  expect((await cancel(dora)).code).toBe('HANABI-A006');
  expect((await cancel(admin)).status).toBe(204);
  const { body } = await ask<{ job: { state: string } }>(ada, 'GET', `${DESKTOP_PATHS.jobs}/${id}`);
  expect(body).toMatchObject({ state: 'cancelled' });
  expect((await cancel(admin)).code).toBe('HANABI-W019');
  expect((await ask(admin, 'POST', `${path}/jobs/none/cancel`)).code).toBe('HANABI-W020');
  const audit = await ask<{ rows: object[] }>(admin, 'GET', `${path}/audit?event=job.cancel`);
  expect(audit.body.rows).toMatchObject([{ actor: 'admin', subject: 'ada', module_id: 'sleeper', detail: id }]);
});

it('only so many versions that nobody has any more are kept to go back to', async () => {
  const id = 'restless';
  const versionAt = (step: number) => ({ id, manifest: { version: `1.${step}.0` }, files: { 'ui/n.js': `${step}` } });
  await publish(dora, admin, versionAt(0));
  await install(ada, id);
  // Ada has the first one and is asked before the next: it asks for more.
  await publish(dora, admin, { ...versionAt(1), permissions: ['settings.self'] });
  const most = LIMITS.package_earlier_versions_max;
  for (let step = 2; step <= most + 2; step += 1) {
    await publish(dora, admin, { ...versionAt(step), permissions: ['settings.self'] });
  }
  const { earlier } = await shown(id);
  expect(earlier).toHaveLength(most + 1);
  expect(earlier.slice(-2)).toEqual(['1.2.0', '1.0.0']);
  expect((await roll(id, '1.1.0')).code).toBe('HANABI-M013');
  expect((await roll(id, '1.2.0')).status).toBe(204);
}, 120_000);

it('what the browser opens to a page is on record when the page is opened', async () => {
  const wish = { id: 'assembled', permissions: ['client.wasm', 'client.fullscreen'] as Permission[] };
  await publish(dora, admin, wish, { permissions: ['client.wasm'] });
  await install(ada, 'assembled');
  await ada.launch('assembled');
  const rows = async () =>
    (await ask<{ rows: object[] }>(admin, 'GET', `${path}/audit?event=permission.use&module=assembled`)).body.rows;
  await expect.poll(rows).toMatchObject([{ actor: 'ada', permission: 'client.wasm', module_version: '1.0.0' }]);
});

async function refusals(text: string) {
  const query = new URLSearchParams({ event: 'permission.use', outcome: 'refused', text }).toString();
  type Row = { request_id: string; permission: string; actor: string };
  return (await ask<{ rows: Row[] }>(admin, 'GET', `${path}/audit?${query}`)).body.rows;
}

it('a refused use of what an administrator has to grant is on record, and found by its request and its module', async () => {
  await say('of-house', 'worker.execute', 'denied');
  expect(await run('of-house')).toBe('HANABI-P002');
  await expect.poll(async () => (await refusals('of-house')).length).toBe(1);
  const [row] = await refusals('of-house');
  expect(row).toMatchObject({ permission: 'worker.execute', actor: 'ada' });
  expect(await refusals(row!.request_id)).toHaveLength(1);
  await say('of-house', 'worker.execute', 'default');
});
