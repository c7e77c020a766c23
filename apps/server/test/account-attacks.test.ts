/** Those who were let in once and should not be any more, and those who read over the shoulder of the server. */
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESKTOP_PATHS, LIVE_CLOSED } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { LiveClient } from './harness/live-client.ts';
import { ask, developers, packageOf, upload } from './harness/publishing.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const { account, admin: adminPath, portal } = DESKTOP_PATHS;

let server: RunningServer;
let admin: Desktop;
beforeAll(async () => {
  server = await startServer({ users: ['mika', 'ended', 'disabled'], prepare: developers('dora') });
  admin = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

const signIn = (name: string) => Desktop.signIn(server.url, name, name);
const pathOf = ({ session }: Desktop) => `${adminPath}/users/${session.user.id}`;

describe('a live channel ends at once', () => {
  it('where its user has changed the password elsewhere', async () => {
    const [here, there] = [await signIn('mika'), await signIn('mika')];
    const [mine, stolen] = [await LiveClient.open(here), await LiveClient.open(there)];
    const password = 'a lantern in the rain';
    expect((await here.send('PUT', `${account}/password`, { password })).status).toBe(204);
    expect(await stolen.ending()).toBe(LIVE_CLOSED.session_ended);
    expect(mine.closed).toBeUndefined();
    await mine.close();
  });

  it('where an administrator has ended the sessions, or the account', async () => {
    const [ended, disabled] = [await signIn('ended'), await signIn('disabled')];
    const channels = [await LiveClient.open(ended), await LiveClient.open(disabled)];
    expect((await admin.send('DELETE', `${pathOf(ended)}/sessions`)).status).toBe(204);
    expect((await admin.send('PATCH', pathOf(disabled), { disabled: true })).status).toBe(204);
    for (const channel of channels) expect(await channel.ending()).toBe(LIVE_CLOSED.session_ended);
  });
});

it('the key of a developer opens nothing once the role is gone', async () => {
  const dora = await signIn('dora');
  const { body } = await ask<{ key: string }>(dora, 'POST', `${portal}/keys`, { name: 'laptop' });
  const byKey = async () => {
    const headers = { cookie: '', 'x-hanabi-csrf': '', authorization: `Bearer ${body.key}` };
    return (await upload(dora, await packageOf({ id: 'by-key' }), headers)).code;
  };
  expect(await byKey()).toBeUndefined();
  await admin.send('PATCH', pathOf(dora), { role: 'user' });
  expect(await byKey()).toBe('HANABI-M014');
  expect((await ask(dora, 'POST', DESKTOP_PATHS.launches, { module_id: 'draft--by-key' })).status).toBeLessThan(500);
  await admin.send('PATCH', pathOf(dora), { disabled: true });
  expect(await byKey()).toMatch(/^HANABI-(A|M)/);
});

it('an administrator who is none any more keeps no way back in', async () => {
  const { change, deputy } = await makeDeputy();
  const link = async (path: string, wish: object) =>
    (await ask<{ token: string }>(deputy, 'POST', `${adminPath}/${path}`, wish)).body.token;
  const links = [
    await link('invitations', { role: 'admin' }),
    await link('invitations', { role: 'user' }),
    await link(`users/${admin.session.user.id}/reset`, {}),
  ];
  const { body: other } = await ask<{ token: string }>(admin, 'POST', `${adminPath}/invitations`, { role: 'admin' });
  const opens = async (token: string) =>
    (await ask(admin, 'POST', `${DESKTOP_PATHS.entrance}/invitation`, { token })).code;
  for (const token of links) expect(await opens(token)).toBeUndefined();
  await change({ role: 'user' });
  for (const token of links) expect(await opens(token)).toBe('HANABI-A007');
  expect(await opens(other.token)).toBeUndefined();
});

async function makeDeputy() {
  const { body } = await ask<{ token: string }>(admin, 'POST', `${adminPath}/invitations`, { role: 'admin' });
  const wish = { token: body.token, name: 'deputy', password: 'a lantern in the rain' };
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(wish) };
  expect((await fetch(`${server.url}${DESKTOP_PATHS.entrance}/account`, init)).status).toBe(200);
  const deputy = await Desktop.signIn(server.url, wish.name, wish.password);
  return { deputy, change: (what: object) => admin.send('PATCH', pathOf(deputy), what) };
}

it('no answer about a person is kept by whoever stands between', async () => {
  const paths = [
    DESKTOP_PATHS.session,
    account,
    DESKTOP_PATHS.modules,
    DESKTOP_PATHS.grants,
    DESKTOP_PATHS.store,
    DESKTOP_PATHS.jobs,
    DESKTOP_PATHS.recent,
    `${DESKTOP_PATHS.folders}/root`,
    `${adminPath}/users`,
    `${adminPath}/audit`,
    `${DESKTOP_PATHS.files}/never-was`,
    '/api/never-was',
  ];
  for (const path of paths) {
    for (const answer of [await admin.send('GET', path), await fetch(server.url + path)]) {
      expect(answer.headers.get('cache-control'), `${path} ${answer.status}`).toBe('no-store');
    }
  }
});

it('what names the host comes from nowhere but the Host header', async () => {
  const forged = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', 'x-original-url': '/api/admin' };
  const page = await fetch(server.url, { headers: forged });
  expect(page.status).toBe(200);
  expect(JSON.stringify([...page.headers]) + (await page.text())).not.toContain('evil.example');
});

it('the database is readable for nobody else on the machine, however open its folder', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'hanabi-open-folder-'));
  await chmod(data_dir, 0o755);
  const other = await startServer({ data_dir });
  try {
    const files = (await readdir(data_dir)).filter((name) => name.startsWith('hanabi.db'));
    for (const name of files) expect([name, (await stat(join(data_dir, name))).mode & 0o077]).toEqual([name, 0]);
  } finally {
    await other.stop();
    await rm(data_dir, { recursive: true });
  }
});
