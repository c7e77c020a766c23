/** Invitations, passwords and sessions, over HTTP on the real server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, DESKTOP_PATHS, LIMITS, type NewInvitation } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { ADMIN_PASSWORD, type RunningServer, startServer } from './harness/start-server.ts';

const { account, admin: adminPath, review, entrance, session } = DESKTOP_PATHS;
const PASSWORD = 'four lanterns over water';

let server: RunningServer;
let admin: Desktop;
beforeAll(async () => {
  server = await startServer({ users: ['mika', 'thief'] });
  admin = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(json),
  });

async function invite(wish: Record<string, unknown> = { role: 'user' }): Promise<NewInvitation> {
  const response = await admin.send('POST', `${adminPath}/invitations`, wish);
  expect(response.status).toBe(201);
  return (await response.json()) as NewInvitation;
}

const signUp = (token: string | undefined, name: string, password = PASSWORD) =>
  post(`${entrance}/account`, { token, name, password });

const accountOf = async (desktop: Desktop) => (await (await desktop.send('GET', account)).json()) as Account;
const userId = async (name: string) => {
  const { users } = (await (await admin.send('GET', `${adminPath}/users`)).json()) as {
    users: { id: string; name: string }[];
  };
  return users.find((user) => user.name === name)!.id;
};
const change = async (name: string, what: unknown) =>
  admin.send('PATCH', `${adminPath}/users/${await userId(name)}`, what);

describe('an invitation', () => {
  it('makes one account with its role and quota, once', async () => {
    const { token } = await invite({ role: 'developer', storage_limit_bytes: 5_000_000, note: 'for Yuki' });
    const opened = await (await post(`${entrance}/invitation`, { token })).json();
    expect(opened).toMatchObject({ kind: 'sign-up', role: 'developer', name: null });
    const response = await signUp(token, '  Yuki  Ōta ');
    expect(response.status).toBe(200);
    const entered = (await response.json()) as { user: { name: string; role: string } };
    expect(entered.user).toMatchObject({ name: 'Yuki Ōta', role: 'developer' });
    const desktop = await Desktop.signIn(server.url, 'yuki ota', PASSWORD);
    const usage = (await (await desktop.send('GET', DESKTOP_PATHS.storage)).json()) as { limit_bytes: number };
    expect(usage.limit_bytes).toBe(5_000_000);
    expect(await errorOf(await signUp(token, 'second'))).toMatchObject({ code: 'HANABI-A007' });
    expect(await errorOf(await post(`${entrance}/invitation`, { token }))).toMatchObject({ code: 'HANABI-A007' });
  });

  it('makes one account of two that use it at once', async () => {
    const { token } = await invite();
    const answers = await Promise.all([signUp(token, 'at-once-1'), signUp(token, 'at-once-2')]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404]);
  });

  it('is needed, and can be withdrawn', async () => {
    expect(await errorOf(await signUp(undefined, 'stranger'))).toMatchObject({ code: 'HANABI-A007' });
    expect(await errorOf(await signUp('x'.repeat(43), 'stranger'))).toMatchObject({ code: 'HANABI-A007' });
    const { id, token } = await invite();
    expect((await admin.send('DELETE', `${adminPath}/invitations/${id}`)).status).toBe(204);
    expect(await errorOf(await signUp(token, 'stranger'))).toMatchObject({ code: 'HANABI-A007' });
  });

  it.each([
    ['a name that is taken', 'MIKA', PASSWORD, 'HANABI-A011'],
    ['a name that is taken but for width', 'ｍｉｋａ', PASSWORD, 'HANABI-A011'],
    ['a name with invisible characters', 'mi\u200Bka', PASSWORD, 'HANABI-A012'],
    ['a name that begins with a mark', '.admin', PASSWORD, 'HANABI-A012'],
    ['a short password', 'someone', 'short', 'HANABI-A013'],
    ['a password of one letter', 'someone', 'aaaaaaaaaaaaaaaa', 'HANABI-A013'],
    ['the name as password', 'some-one-else', 'Some-One-Else1', 'HANABI-A013'],
  ])('refuses %s and goes on working', async (_what, name, password, code) => {
    const { id, token } = await invite();
    expect(await errorOf(await signUp(token, name, password))).toMatchObject({ code });
    expect((await post(`${entrance}/invitation`, { token })).status).toBe(200);
    await admin.send('DELETE', `${adminPath}/invitations/${id}`);
  });

  it('is for administrators to make, with a fresh proof of who they are', async () => {
    const mika = await Desktop.signIn(server.url, 'mika', 'mika');
    const response = await mika.send('POST', `${adminPath}/invitations`, { role: 'admin' });
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-A006' });
    expect(await errorOf(await mika.send('GET', `${adminPath}/users`))).toMatchObject({ code: 'HANABI-A006' });
  });

  it('cannot be looked for', async () => {
    const other = await startServer();
    try {
      const answers: number[] = [];
      for (let index = 0; index <= LIMITS.invitations_tried_of_address_per_minute_max; index += 1) {
        const init = {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: `{"token":"${'y'.repeat(43)}"}`,
        };
        answers.push((await fetch(`${other.url}${entrance}/invitation`, init)).status);
      }
      expect(answers.slice(0, -1).every((status) => status === 404)).toBe(true);
      expect(answers.at(-1)).toBe(429);
    } finally {
      await other.stop();
    }
  });
});

it('an open server needs no invitation, and says so', async () => {
  const open = await startServer({ env: { HANABI_SIGN_UP: 'open' } });
  try {
    expect(await (await fetch(open.url + entrance)).json()).toMatchObject({ open_sign_up: true });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const body = JSON.stringify({ name: 'anybody', password: PASSWORD });
    const made = await fetch(`${open.url}${entrance}/account`, { ...init, body });
    expect(((await made.json()) as { user: object }).user).toMatchObject({ name: 'anybody', role: 'user' });
  } finally {
    await open.stop();
  }
  await expect(startServer({ env: { HANABI_SIGN_UP: 'yes' } })).rejects.toThrow('HANABI_SIGN_UP: "yes"');
});

describe('sessions', () => {
  it('are listed with device and way, end one by one, and all others at once', async () => {
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => Desktop.signIn(server.url, 'thief', 'thief')));
    const { sessions } = await accountOf(one!);
    expect(sessions).toHaveLength(3);
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    expect(sessions[0]).toMatchObject({
      way: 'password',
      address: '127.0.0.1',
      user_agent: expect.stringContaining(''),
    });
    const other = (await accountOf(two!)).sessions.find(({ current }) => current)!;
    const launch = await two!.launch('hello-world-webpage');
    expect((await one!.send('DELETE', `${account}/sessions/${other.id}`)).status).toBe(204);
    expect(await errorOf(await two!.send('GET', account))).toMatchObject({ code: 'HANABI-A004' });
    expect((await fetch(server.url + launch.document_url)).status).toBe(404);
    expect((await one!.send('DELETE', `${account}/sessions`)).status).toBe(204);
    expect(await errorOf(await three!.send('GET', account))).toMatchObject({ code: 'HANABI-A004' });
    expect((await accountOf(one!)).sessions).toHaveLength(1);
  });

  it('of somebody else cannot be ended', async () => {
    const mika = await Desktop.signIn(server.url, 'mika', 'mika');
    const thief = await Desktop.signIn(server.url, 'thief', 'thief');
    const { id } = (await accountOf(mika)).sessions[0]!;
    expect(await errorOf(await thief.send('DELETE', `${account}/sessions/${id}`))).toMatchObject({
      code: 'HANABI-A015',
    });
    expect((await mika.send('GET', account)).status).toBe(200);
  });

  it('begin anew with each sign-in, and the one that the browser had is over', async () => {
    const before = await Desktop.signIn(server.url, 'mika', 'mika');
    const again = await post(session, { name: 'mika', password: 'mika' }, { cookie: before.cookie });
    expect(again.headers.getSetCookie()[0]!.split(';')[0]).not.toBe(before.cookie);
    expect(await errorOf(await before.send('GET', session))).toMatchObject({ code: 'HANABI-A004' });
  });
});

describe('a password', () => {
  it('is changed by its owner only, who is then the only one signed in', async () => {
    const { token } = await invite();
    await signUp(token, 'changer');
    const here = await Desktop.signIn(server.url, 'changer', PASSWORD);
    const there = await Desktop.signIn(server.url, 'changer', PASSWORD);
    expect(await errorOf(await here.send('PUT', `${account}/password`, { password: 'short' }))).toMatchObject({
      code: 'HANABI-A013',
    });
    expect((await here.send('PUT', `${account}/password`, { password: `${PASSWORD}, now five` })).status).toBe(204);
    expect((await here.send('GET', account)).status).toBe(200);
    expect(await errorOf(await there.send('GET', account))).toMatchObject({ code: 'HANABI-A004' });
    await expect(Desktop.signIn(server.url, 'changer', PASSWORD)).rejects.toThrow('HANABI-A002');
    await expect(Desktop.signIn(server.url, 'changer', `${PASSWORD}, now five`)).resolves.toBeDefined();
  });

  it('that was forgotten is replaced by a link, which ends every session and signs nobody in', async () => {
    const { token: first } = await invite();
    await signUp(first, 'forgetful');
    const inside = await Desktop.signIn(server.url, 'forgetful', PASSWORD);
    const id = await userId('forgetful');
    const older = (await (await admin.send('POST', `${adminPath}/users/${id}/reset`)).json()) as NewInvitation;
    const { token } = (await (await admin.send('POST', `${adminPath}/users/${id}/reset`)).json()) as NewInvitation;
    expect(await (await post(`${entrance}/invitation`, { token })).json()).toMatchObject({
      kind: 'reset',
      name: 'forgetful',
    });
    expect(await errorOf(await signUp(token, 'somebody else'))).toMatchObject({ code: 'HANABI-A007' });
    const choose = (with_token: string, password: string) =>
      post(`${entrance}/password`, { token: with_token, password });
    expect(await errorOf(await choose(older.token, 'a wholly new password'))).toMatchObject({ code: 'HANABI-A007' });
    expect(await errorOf(await choose(token, 'forgetful1'))).toMatchObject({ code: 'HANABI-A013' });
    const response = await choose(token, 'a wholly new password');
    expect([response.status, response.headers.getSetCookie()]).toEqual([204, []]);
    expect(await errorOf(await inside.send('GET', account))).toMatchObject({ code: 'HANABI-A004' });
    expect(await errorOf(await choose(token, 'another new password'))).toMatchObject({ code: 'HANABI-A007' });
    await expect(Desktop.signIn(server.url, 'forgetful', 'a wholly new password')).resolves.toBeDefined();
  });
});

it('what decides over an account asks for a fresh proof once the last one is some time ago', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'hanabi-confirm-'));
  const first = await startServer({ data_dir });
  const desktop = await Desktop.signIn(first.url);
  await first.stop();
  const confirmed_at = new Date(Date.now() - LIMITS.confirmation_ms - 1000).toISOString();
  const prepare = async (db: Db) => void (await db.updateTable('sessions').set({ confirmed_at }).execute());
  const later = await startServer({ data_dir, prepare });
  try {
    const moved = Object.assign(desktop, { url: later.url });
    expect((await accountOf(moved)).confirmed_until).toBeNull();
    const { id } = moved.session.user;
    for (const [method, path, json] of [
      ['PUT', `${account}/password`, { password: PASSWORD }],
      ['POST', `${account}/totp`, undefined],
      ['PUT', `${account}/totp`, { code: '123456' }],
      ['DELETE', `${account}/totp`, undefined],
      ['POST', `${account}/recovery-codes`, undefined],
      ['POST', `${adminPath}/invitations`, { role: 'admin' }],
      ['PATCH', `${adminPath}/users/${id}`, { role: 'admin' }],
      ['POST', `${adminPath}/users/${id}/reset`, undefined],
      ['DELETE', `${adminPath}/users/${id}/totp`, undefined],
      ['PUT', `${adminPath}/modules/any/grants`, { permission: 'worker.native', said: 'granted' }],
      ['PUT', `${adminPath}/modules/any/quota`, {}],
      ['POST', `${review}/any/versions/1.0.0/decision`, { decision: 'approve', permissions: ['worker.native'] }],
      ['POST', `${review}/any/versions/1.0.0/roll-back`, {}],
    ] as const) {
      const refused = await errorOf(await moved.send(method, path, json));
      expect(refused, `${method} ${path}`).toMatchObject({ code: 'HANABI-A010' });
    }
    const confirm = (password: string) => moved.send('POST', `${account}/confirm`, { password });
    expect(await errorOf(await confirm('not it'))).toMatchObject({ code: 'HANABI-A002' });
    expect((await accountOf(moved)).confirmed_until).toBeNull();
    expect((await confirm(ADMIN_PASSWORD)).status).toBe(204);
    expect((await moved.send('POST', `${adminPath}/invitations`, { role: 'user' })).status).toBe(201);
  } finally {
    await later.stop();
    await rm(data_dir, { recursive: true, force: true });
  }
});

describe('an administrator', () => {
  it('takes a role away at once', async () => {
    const { token } = await invite({ role: 'admin' });
    await signUp(token, 'deputy');
    const deputy = await Desktop.signIn(server.url, 'deputy', PASSWORD);
    expect((await deputy.send('GET', `${adminPath}/users`)).status).toBe(200);
    expect((await change('deputy', { role: 'user' })).status).toBe(204);
    expect(await errorOf(await deputy.send('GET', `${adminPath}/users`))).toMatchObject({ code: 'HANABI-A006' });
  });

  it('disables an account at once, which then answers like one that does not exist', async () => {
    const { token } = await invite();
    await signUp(token, 'gone');
    const gone = await Desktop.signIn(server.url, 'gone', PASSWORD);
    const launch = await gone.launch('hello-world-webpage');
    expect((await change('gone', { disabled: true })).status).toBe(204);
    expect(await errorOf(await gone.send('GET', account))).toMatchObject({ code: 'HANABI-A004' });
    expect((await fetch(server.url + launch.document_url)).status).toBe(404);
    const right = await errorOf(await post(session, { name: 'gone', password: PASSWORD }));
    expect(right).toEqual(await errorOf(await post(session, { name: 'never was', password: PASSWORD })));
    expect((await change('gone', { disabled: false })).status).toBe(204);
    await expect(Desktop.signIn(server.url, 'gone', PASSWORD)).resolves.toBeDefined();
  });

  it('stays, if it is the last one', async () => {
    for (const what of [{ role: 'user' }, { disabled: true }]) {
      expect(await errorOf(await change('admin', what))).toMatchObject({ code: 'HANABI-A014' });
    }
    expect((await admin.send('GET', `${adminPath}/users`)).status).toBe(200);
  });
});
