/** A stranger’s module that wants more than it was given, or to keep what was taken back: tokens, updates and races. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { CSRF_HEADER, DESKTOP_PATHS, LAUNCH_HEADER, type Permission, PAYLOAD_HEADER } from '@hanabi/protocol';
import { Desktop } from '../../apps/server/test/harness/desktop.ts';
import type { ModuleWish } from '../../apps/server/test/harness/make-module.ts';
import { install, modulesOf, packageOf, submit, uninstall, upload } from '../../apps/server/test/harness/publishing.ts';
import { openModule } from '../harness/house.ts';
import { EVIL, expect, type House, test } from './house.ts';

const decide = ({ user }: House, decision: 'allow' | 'refuse', ...permissions: Permission[]) =>
  user.send('PUT', DESKTOP_PATHS.grants, { module_id: 'evil', permissions, decision });

test.beforeEach(async ({ house }) => {
  await install(house.user, 'evil');
});

test('neither ticket nor launch is a key to the server', async ({ house }) => {
  const { server, user } = house;
  const launch = await user.launch('evil');
  const ticket = /~([^/]+)\//.exec(launch.document_url)![1]!;
  const grants = { module_id: 'evil', permissions: ['files.read.all'], decision: 'allow' };
  const credentials: Record<string, string>[] = [
    {},
    { authorization: `Bearer ${ticket}` },
    { authorization: `Bearer ${launch.id}` },
    { cookie: `hanabi_session=${ticket}`, [CSRF_HEADER]: ticket },
    { cookie: `hanabi_session=${launch.id}`, [CSRF_HEADER]: launch.id },
    { [LAUNCH_HEADER]: launch.id },
    // Even with the cookie, which it never has: as browsers send what a page of nobody’s origin asks for.
    { cookie: user.cookie, origin: 'null', [CSRF_HEADER]: user.csrf },
    { cookie: user.cookie, 'sec-fetch-site': 'cross-site', [CSRF_HEADER]: user.csrf },
    { cookie: user.cookie, [LAUNCH_HEADER]: launch.id },
  ];
  for (const headers of credentials) {
    for (const [method, path] of [
      ['PUT', DESKTOP_PATHS.grants],
      ['POST', DESKTOP_PATHS.launches],
      ['POST', `${DESKTOP_PATHS.capabilities}/HANABI_FS_LIST`],
      ['DELETE', `${DESKTOP_PATHS.store}/victim/install`],
    ] as const) {
      const body = method === 'DELETE' ? undefined : JSON.stringify(grants);
      const sent = { ...headers, ...(body && { 'content-type': 'application/json' }) };
      const answer = await fetch(server.url + path, { method, headers: sent, ...(body && { body }) });
      expect([401, 403], `${method} ${path} ${JSON.stringify(headers)}`).toContain(answer.status);
    }
  }
  expect((await user.launch('evil')).context.permissions).not.toContain('files.read.all');
});

test('a ticket opens its own module, as it lies there, for as long as the window is open', async ({ house }) => {
  const { server, user } = house;
  const launch = await user.launch('evil');
  const own = server.url + launch.document_url;
  const ticket = /~[^/]+/.exec(own)![0];
  expect((await fetch(own)).status).toBe(200);
  const root = own.slice(0, own.indexOf(ticket) + ticket.length);
  for (const path of [
    `${server.url}/runtime/modules/victim/app/${ticket}/ui/secret.txt`,
    `${root}/../${'../'.repeat(8)}etc/passwd`,
    `${root}/ui/..%2f..%2f..%2fhanabi.db`,
    `${root}/ui/%2e%2e/%2e%2e/hanabi.db`,
    `${root}/ui/..%5c..%5chanabi.db`,
    `${root}/ui/evil.js%00.png`,
    `${root}//etc/passwd`,
    `${root}/~other/ui/index.html`,
    `${root}/.git/config`,
    `${root}x/ui/index.html`,
    `${server.url}/runtime/media/${ticket.slice(1)}`,
  ]) {
    const answer = await fetch(path);
    expect(answer.status, path).toBeGreaterThanOrEqual(400);
    expect(await answer.text(), path).not.toMatch(/of the victim|root:/);
  }
  const other = await user.launch('victim');
  expect((await fetch(server.url + other.document_url)).status).toBe(200);
  await user.send('DELETE', `${DESKTOP_PATHS.launches}/${launch.id}`);
  expect((await fetch(own)).status).toBe(404);
  expect((await user.ask(launch, 'HANABI_LIST_JOBS')).error.code).toBe('HANABI-M002');
});

test('a launch is of one session: for another one of the same user, or another user, it is none', async ({ house }) => {
  const { user, admin, server } = house;
  const launch = await user.launch('evil');
  expect((await admin.ask(launch, 'HANABI_LIST_JOBS')).error.code).toBe('HANABI-M002');
  const again = await Desktop.signIn(server.url, 'mika', 'mika');
  expect((await again.ask(launch, 'HANABI_LIST_JOBS')).error.code).toBe('HANABI-M002');
  expect((await user.ask(launch, 'HANABI_LIST_JOBS')).ok).toBe(true);
});

const UPDATES: Record<string, Partial<ModuleWish>> = {
  'a permission that a review grants': { permissions: [...EVIL.permissions!, 'client.wasm'] },
  'one that needs a switch as well': { permissions: [...EVIL.permissions!, 'worker.native'] },
  'other code of the worker': { worker: 'def run(inputs, options):\n    return {"x": b"other"}\n' },
  'a module beside the worker': { files: { ...EVIL.files, 'ui/sneaked.py': 'print("other")' } },
  'data that the worker reads': { files: { ...EVIL.files, 'worker/rules.json': '{"other": true}' } },
  'another library': { manifest: { ...EVIL.manifest, dependencies: { python: ['pillow'] } } },
  'another address': { manifest: { ...EVIL.manifest, dependencies: { services: ['https://evil.example'] } } },
};

for (const [name, change] of Object.entries(UPDATES)) {
  test(`an update waits for its review that brings ${name}`, async ({ house }) => {
    const { developer, user } = house;
    const wish = { ...EVIL, ...change, manifest: { ...EVIL.manifest, ...change.manifest, version: '6.6.6' } };
    expect((await upload(developer, await packageOf(wish))).status).toBe(201);
    expect((await submit(developer, 'evil', '6.6.6')).body).toEqual({ state: 'submitted' });
    expect(await modulesOf(user)).toContain('evil 1.0.0');
    const { context, declared } = await user.launch('evil');
    expect(context.version).toBe('1.0.0');
    expect(declared).not.toContain('worker.native');
    const taken = await developer.send('POST', `${DESKTOP_PATHS.portal}/modules/evil/versions/6.6.6/withdraw`);
    expect(taken.status).toBeLessThan(300);
  });
}

test('what is revoked while its bytes are on their way is not stored', async ({ house }) => {
  const { user, server } = house;
  const launch = await user.launch('evil');
  const name = 'late.bin';
  const sending = request(`${server.url}${DESKTOP_PATHS.capabilities}/HANABI_WRITE_FILE`, {
    method: 'POST',
    headers: {
      cookie: user.cookie,
      [CSRF_HEADER]: user.csrf,
      [LAUNCH_HEADER]: launch.id,
      [PAYLOAD_HEADER]: encodeURIComponent(JSON.stringify({ name, subpath: 'begun' })),
      'content-type': 'application/octet-stream',
    },
  });
  const answer = once(sending, 'response').then(([response]) => text(response as IncomingMessage));
  sending.write('the first bytes');
  // Where the file will lie is made before the bytes are read: by then it has been checked.
  const listing = async () => (await user.folderAt('Modules', 'Evil', 'Exports').catch(() => undefined))?.folders ?? [];
  await expect.poll(async () => (await listing()).map((folder) => folder.name)).toContain('begun');
  expect((await decide(house, 'refuse', 'files.write')).status).toBe(204);
  sending.end('and the last');
  expect(await answer).toContain('HANABI-P002');
  const { files } = await user.folderAt('Modules', 'Evil', 'Exports', 'begun');
  expect(files).toEqual([]);
  await decide(house, 'allow', 'files.write');
});

test('a job whose right is revoked ends, and what was opened cannot be read on', async ({ house }) => {
  const { user, server } = house;
  const launch = await user.launch('evil');
  await decide(house, 'allow', 'files.read.all');
  const file = await user.upload('film.txt', 'a film');
  const media = await user.ask(launch, 'HANABI_OPEN_MEDIA', { fileId: file.id });
  const address = server.url + String(media.data['url']);
  expect((await fetch(address)).status).toBe(200);
  const queued = await user.ask(launch, 'HANABI_QUEUE_TASK', { options: { seconds: 600 } });
  const { id: jobId } = queued.data['job'] as { id: string };
  const state = async () =>
    ((await user.ask(launch, 'HANABI_GET_JOB', { jobId })).data['job'] as { state: string }).state;
  await expect.poll(state, { timeout: 30_000 }).toBe('running');
  await decide(house, 'refuse', 'files.read.all');
  expect((await fetch(address)).status).toBeGreaterThanOrEqual(400);
  await decide(house, 'refuse', 'jobs.queue');
  await decide(house, 'allow', 'jobs.queue');
  // Given back a moment later it does not come to life again.
  await decide(house, 'refuse', 'jobs.queue');
  await expect
    .poll(() => user.send('GET', DESKTOP_PATHS.jobs).then((response) => response.text()), { timeout: 30_000 })
    .toContain('HANABI-P002');
  await decide(house, 'allow', 'jobs.queue');
  expect(await state()).toBe('failed');
});

test('a window whose module is uninstalled is at its end, and so is what it knew', async ({ house, desktop }) => {
  const frame = await openModule(desktop, 'Evil');
  const address = await frame.evaluate(() => location.href);
  expect((await fetch(address)).status).toBe(200);
  expect((await uninstall(house.user, 'evil')).status).toBe(204);
  await expect(desktop.getByText('Evil was stopped')).toBeVisible();
  await expect(desktop.getByText('HANABI-M008')).toBeVisible();
  expect((await fetch(address)).status).toBe(404);
});
