/** `hanabi user …`, on the data folder of a server that runs. */
import { DESKTOP_PATHS } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDbAsItIs } from '../src/storage/db.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { hanabi } from './harness/hanabi.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const { account, admin, entrance } = DESKTOP_PATHS;
const PASSWORD = 'four lanterns over water';

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ users: ['mika'] });
});
afterAll(() => server.stop());

const user = (...args: string[]) => hanabi(server.data_dir, 'user', ...args);
const tokenIn = (text: string) => /#invitation=([\w-]{43})/.exec(text)![1]!;
const send = (path: string, json: unknown) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(json),
  });

it('invites, and lists who came', async () => {
  const invited = await user(
    'invite',
    '--role',
    'developer',
    '--note',
    'for Yuki',
    '--url',
    'https://desktop.example/',
  );
  expect(invited.stdout).toContain('https://desktop.example/#invitation=');
  const made = await send(`${entrance}/account`, { token: tokenIn(invited.stdout), name: 'Yuki', password: PASSWORD });
  expect(made.status).toBe(200);
  const { stdout } = await user('list');
  expect(stdout).toMatch(/^Yuki: developer, last seen /m);
  expect(stdout).toMatch(/^admin: admin$/m);
  const listed = JSON.parse((await user('list', '--json')).stdout) as { name: string }[];
  expect(listed.map(({ name }) => name)).toEqual(['admin', 'mika', 'Yuki']);
});

it('changes a role, of which the running server knows', async () => {
  const mika = await Desktop.signIn(server.url, 'mika', 'mika');
  expect(await errorOf(await mika.send('GET', `${admin}/users`))).toMatchObject({ code: 'HANABI-A006' });
  expect((await user('role', 'Mika', 'admin')).stdout).toBe('mika is admin now\n');
  await expect.poll(async () => (await mika.send('GET', `${admin}/users`)).status).toBe(200);
  expect((await user('role', 'mika', 'user')).status).toBe(0);
  await expect.poll(async () => (await mika.send('GET', `${admin}/users`)).status).toBe(403);
});

it('disables, of which the running server knows', async () => {
  const mika = await Desktop.signIn(server.url, 'mika', 'mika');
  const launch = await mika.launch('hello-world-webpage');
  expect((await user('disable', 'mika')).status).toBe(0);
  await expect.poll(async () => (await mika.send('GET', account)).status).toBe(401);
  await expect.poll(async () => (await fetch(server.url + launch.document_url)).status).toBe(404);
  await expect(Desktop.signIn(server.url, 'mika', 'mika')).rejects.toThrow('HANABI-A002');
  expect((await user('disable', 'mika', '--enable')).status).toBe(0);
  await expect(Desktop.signIn(server.url, 'mika', 'mika')).resolves.toBeDefined();
});

it('resets a password with a link', async () => {
  const { stdout } = await user('reset-password', 'mika');
  const done = await send(`${entrance}/password`, { token: tokenIn(stdout), password: PASSWORD });
  expect(done.status).toBe(204);
  await expect(Desktop.signIn(server.url, 'mika', PASSWORD)).resolves.toBeDefined();
});

it.each([
  [['role', 'nobody', 'admin'], 2, 'there is no user "nobody"'],
  [['role', 'mika', 'chief'], 2, '"chief" is not a role'],
  [['role', 'admin', 'user'], 1, 'There has to be an administrator'],
  [['disable', 'admin'], 1, 'There has to be an administrator'],
  [['disable'], 2, 'NAME is expected'],
  [['list', 'mika'], 2, 'nothing is expected'],
  [['reset-password', '--enable', 'mika'], 2, "Unknown option '--enable'"],
])('refuses user %j', async (args, status, message) => {
  const ended = await user(...args);
  expect([ended.status, ended.stderr]).toEqual([status, expect.stringContaining(message)]);
});

it('what it did is on record, which nobody changes', async () => {
  const db = await openDbAsItIs(server.data_dir);
  try {
    const rows = await db.selectFrom('audit_events').selectAll().where('actor', '=', 'command line').execute();
    const events = rows.map(({ event, subject, detail }) => [event, subject, detail]);
    expect(events).toContainEqual(['invitation.create', '', 'developer for Yuki']);
    expect(events).toContainEqual(['account.role', 'mika', 'user → admin']);
    expect(events).toContainEqual(['account.disable', 'mika', '']);
    await expect(db.deleteFrom('audit_events').execute()).rejects.toThrow('the audit only grows');
    await expect(db.updateTable('audit_events').set({ actor: 'x' }).execute()).rejects.toThrow('the audit only grows');
    const refused = await db.selectFrom('audit_events').selectAll().where('outcome', '=', 'refused').execute();
    expect(refused).toMatchObject([{ event: 'sign-in', subject: 'mika', detail: 'HANABI-A002', address: '127.0.0.1' }]);
  } finally {
    await db.destroy();
  }
});
