/** What a user says to the permissions of modules, and what becomes of it at once. */
import { DESKTOP_PATHS, type ModuleGrants, type Permission } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Db, openDbAsItIs } from '../src/storage/db.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { grant } from './harness/grant.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const { grants } = DESKTOP_PATHS;
const permissions: Permission[] = [
  'files.read',
  'files.read.all',
  'notifications',
  'worker.execute',
  'worker.native',
  'client.fullscreen',
  'client.gamepad',
  'client.pointerlock',
  'jobs.create',
];

let server: RunningServer;
let db: Db;
beforeAll(async () => {
  const dir = await makeModule({
    id: 'curious',
    permissions,
    worker: 'def run(inputs, options):\n    return {}\n',
    manifest: { portal: { permission_reasons: { 'files.read.all': 'It looks for lanterns' } } },
  });
  const endless = await makeModule({
    id: 'endless',
    permissions: ['jobs.queue', 'worker.execute'],
    worker: 'import time\ndef run(inputs, options):\n    while True:\n        time.sleep(0.05)\n',
  });
  server = await startServer({
    env: { HANABI_MODULE_DIRS: `${dir}:${endless}`, HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
    users: ['mika', 'other', 'leaver'],
  });
  db = await openDbAsItIs(server.data_dir);
});
afterAll(async () => {
  await db.destroy();
  await server.stop();
});

const decide = (desktop: Desktop, decision: string, ...wanted: string[]) =>
  desktop.send('PUT', grants, { module_id: 'curious', permissions: wanted, decision });

async function stateOf(desktop: Desktop, name: Permission) {
  const { modules } = (await (await desktop.send('GET', grants)).json()) as { modules: ModuleGrants[] };
  return modules.find(({ module_id }) => module_id === 'curious')!.permissions.find((one) => one.name === name)!;
}

describe('what a user decides', () => {
  it('is in force at once, for them alone, and can be taken back', async () => {
    const [mika, other] = await Promise.all([
      Desktop.signIn(server.url, 'mika', 'mika'),
      Desktop.signIn(server.url, 'other', 'other'),
    ]);
    const [mine, theirs] = [await mika.upload('mine.txt', 'mine'), await other.upload('theirs.txt', 'theirs')];
    const [launch, elsewhere] = [await mika.launch('curious'), await other.launch('curious')];
    const read = () => mika.ask(launch, 'HANABI_READ_FILE', { fileId: mine.id });
    expect((await read()).error).toMatchObject({ code: 'HANABI-P003' });
    expect(await stateOf(mika, 'files.read.all')).toMatchObject({
      state: 'unasked',
      reason: 'It looks for lanterns',
      used_at: null,
    });

    expect((await decide(mika, 'allow', 'files.read.all')).status).toBe(204);
    expect((await read()).ok).toBe(true);
    expect((await other.ask(elsewhere, 'HANABI_READ_FILE', { fileId: theirs.id })).error.code).toBe('HANABI-P003');
    await expect.poll(async () => (await stateOf(mika, 'files.read.all')).used_at).not.toBeNull();

    await decide(mika, 'refuse', 'files.read.all');
    expect((await read()).error).toMatchObject({ code: 'HANABI-P003' });
    expect(await stateOf(mika, 'files.read.all')).toMatchObject({ state: 'refused' });
    // What comes with the installation can be taken away as well, and given back.
    await decide(mika, 'refuse', 'files.read');
    expect((await mika.ask(launch, 'HANABI_FS_LIST')).error).toMatchObject({ code: 'HANABI-P002' });
    await decide(mika, 'allow', 'files.read');
    expect((await mika.ask(launch, 'HANABI_FS_LIST')).ok).toBe(true);
  });

  it('gives nothing that is not theirs to give', async () => {
    const mika = await Desktop.signIn(server.url, 'mika', 'mika');
    await decide(mika, 'allow', 'worker.native');
    expect(await stateOf(mika, 'worker.native')).toMatchObject({ state: 'withheld' });
    for (const [body, code] of [
      [{ module_id: 'curious', permissions: ['network.fetch'], decision: 'allow' }, 'HANABI-P001'],
      [{ module_id: 'curious', permissions: ['no.such'], decision: 'allow' }, 'HANABI-V008'],
      [{ module_id: 'curious', permissions: [], decision: 'allow' }, 'HANABI-V008'],
      [{ module_id: 'curious', permissions: ['files.read'], decision: 'always' }, 'HANABI-V008'],
      [{ module_id: 'nobody', permissions: ['files.read'], decision: 'refuse' }, 'HANABI-M001'],
    ] as const) {
      expect(await errorOf(await mika.send('PUT', grants, body)), JSON.stringify(body)).toMatchObject({ code });
    }
  });

  it('does not outweigh what an operator has refused', async () => {
    const mika = await Desktop.signIn(server.url, 'mika', 'mika');
    const launch = await mika.launch('curious');
    await grant(db, 'curious', ['files.read.all'], 'denied');
    await decide(mika, 'allow', 'files.read.all');
    const file = await mika.upload('kept.txt', 'kept');
    expect((await mika.ask(launch, 'HANABI_READ_FILE', { fileId: file.id })).error.code).toBe('HANABI-P003');
    await db.deleteFrom('grants').where('permission', '=', 'files.read.all').execute();
    await decide(mika, 'refuse', 'files.read.all');
  });

  it('opens exactly its piece of the browser', async () => {
    const mika = await Desktop.signIn(server.url, 'mika', 'mika');
    const page = async () => {
      const launch = await mika.launch('curious');
      const { headers } = await fetch(server.url + launch.document_url);
      const policy = headers.get('permissions-policy')!;
      const open = policy.split(', ').filter((part) => !part.endsWith('=()'));
      const sandbox = headers.get('content-security-policy')!.split(';')[0];
      return { allow: launch.frame_allow, frame: launch.frame_sandbox, open, sandbox };
    };
    const closed = {
      allow: '',
      frame: 'allow-scripts allow-downloads',
      open: [],
      sandbox: 'sandbox allow-scripts allow-downloads',
    };
    expect(await page()).toEqual(closed);
    await decide(mika, 'allow', 'client.gamepad');
    expect(await page()).toEqual({ ...closed, allow: 'gamepad *', open: ['gamepad=*'] });
    await decide(mika, 'allow', 'client.fullscreen');
    expect(await page()).toMatchObject({ allow: 'fullscreen *; gamepad *', open: ['fullscreen=*', 'gamepad=*'] });
    await decide(mika, 'refuse', 'client.gamepad', 'client.fullscreen');
    await decide(mika, 'allow', 'client.pointerlock');
    const locked = 'allow-scripts allow-downloads allow-pointer-lock';
    expect(await page()).toEqual({ ...closed, frame: locked, sandbox: `sandbox ${locked}` });
    await decide(mika, 'refuse', 'client.pointerlock');
    expect(await page()).toEqual(closed);
  });
});

const rows = () => db.selectFrom('audit_events').selectAll().where('actor', '=', 'other').orderBy('seq').execute();

it('every decision, and every use of what a review grants, is on record', async () => {
  const other = await Desktop.signIn(server.url, 'other', 'other');
  await decide(other, 'allow', 'files.read.all');
  await decide(other, 'refuse', 'files.read.all');
  const launch = await other.launch('curious');
  expect((await other.ask(launch, 'HANABI_CREATE_JOB', {})).ok).toBe(true);
  const uses = async () => (await rows()).filter(({ event }) => event === 'permission.use');
  await expect.poll(async () => (await uses()).length).toBe(1);
  expect(await uses()).toMatchObject([
    {
      permission: 'worker.execute',
      module_id: 'curious',
      module_version: '1.0.0',
      detail: expect.stringMatching(/^job /),
    },
  ]);
  const decisions = (await rows()).filter(({ event }) => event.startsWith('grant.'));
  expect(decisions.map(({ event, permission, module_id }) => [event, permission, module_id])).toEqual([
    ['grant.allow', 'files.read.all', 'curious'],
    ['grant.refuse', 'files.read.all', 'curious'],
  ]);
  expect(decisions.every(({ request_id, address }) => request_id !== null && address === '127.0.0.1')).toBe(true);
});

const endlessJob = () =>
  db.selectFrom('jobs').select(['state', 'error_code']).where('module_id', '=', 'endless').executeTakeFirst();

it('nothing works on for an account that was disabled', async () => {
  const [admin, leaver] = [await Desktop.signIn(server.url), await Desktop.signIn(server.url, 'leaver', 'leaver')];
  const queued = await leaver.ask(await leaver.launch('endless'), 'HANABI_QUEUE_TASK', {});
  expect(queued.ok).toBe(true);
  await expect.poll(async () => (await endlessJob())?.state, { timeout: 20_000 }).toBe('running');
  const path = `${DESKTOP_PATHS.admin}/users/${leaver.session.user.id}`;
  expect((await admin.send('PATCH', path, { disabled: true })).status).toBe(204);
  await expect.poll(endlessJob, { timeout: 20_000 }).toEqual({ state: 'failed', error_code: 'HANABI-P002' });
});
