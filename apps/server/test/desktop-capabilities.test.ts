import { DEFAULT_PREFERENCES, DESKTOP_PATHS, type DesktopContent, LIMITS, type Permission } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const permissions: Permission[] = [
  'files.read',
  'files.write',
  'files.read.all',
  'desktop.read',
  'desktop.workspace',
  'desktop.shortcuts',
  'desktop.personalize',
];

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  const jump_list = [{ id: 'new-note', label: 'New note' }];
  const dirs = [
    await makeModule({ id: 'desk-a', permissions, manifest: { desktop: { jump_list } } }),
    await makeModule({ id: 'desk-b', permissions }),
  ];
  server = await startServer({ env: { HANABI_MODULE_DIRS: dirs.join(':') }, users: ['other'] });
  desktop = await Desktop.signIn(server.url);
  // All but one: a module may not reach the user’s files by way of the desktop.
  const allowed = permissions.filter((name) => name.startsWith('desktop.'));
  for (const module_id of ['desk-a', 'desk-b']) {
    await desktop.send('PUT', DESKTOP_PATHS.grants, { module_id, permissions: allowed, decision: 'allow' });
  }
});
afterAll(() => server.stop());

const content = async (of: Desktop) => (await (await of.send('GET', DESKTOP_PATHS.desktop)).json()) as DesktopContent;

async function write(launch: { id: string }, name: string): Promise<string> {
  const { data } = await desktop.ask(launch, 'HANABI_WRITE_FILE', { name, bytesB64: btoa(name) });
  return (data as { file: { id: string } }).file.id;
}

it('places what is the module’s own, and takes away again what it has placed', async () => {
  const launch = await desktop.launch('desk-a');
  const moved = await write(launch, 'moved.txt');
  const kept = await write(launch, 'kept.txt');
  expect(await desktop.ask(launch, 'HANABI_DESKTOP_PLACE', { fileId: moved })).toMatchObject({
    data: { file: { id: moved } },
  });
  const copied = await desktop.ask(launch, 'HANABI_DESKTOP_PLACE', { fileId: kept, copy: true });
  const copy = (copied.data as { file: { id: string } }).file.id;
  expect(copy).not.toBe(kept);
  expect((await content(desktop)).files.map(({ id }) => id).toSorted()).toEqual([moved, copy].toSorted());
  const { data } = await desktop.ask(launch, 'HANABI_DESKTOP_LIST');
  expect(data['items']).toContainEqual({ kind: 'file', id: moved, name: 'moved.txt', mine: true });
  expect(data['icons']).toContainEqual({ kind: 'module', id: 'desk-b', name: 'desk-b' });
  expect((await desktop.ask(launch, 'HANABI_DESKTOP_REMOVE', { fileId: copy })).ok).toBe(true);
  expect((await content(desktop)).files.map(({ id }) => id)).toEqual([moved]);
});

it('touches neither what the user nor what another module has put there', async () => {
  const [one, other] = [await desktop.launch('desk-a'), await desktop.launch('desk-b')];
  const file = await write(one, 'mine.txt');
  await desktop.ask(one, 'HANABI_DESKTOP_PLACE', { fileId: file });
  const refused = await desktop.ask(other, 'HANABI_DESKTOP_REMOVE', { fileId: file });
  expect(refused.error).toMatchObject({ code: 'HANABI-F002' });
  const { folder_id } = await content(desktop);
  const made = await desktop.send('POST', DESKTOP_PATHS.folders, { parent_id: folder_id, name: 'Of the user' });
  const { id } = (await made.json()) as { id: string };
  for (const type of ['HANABI_DESKTOP_REMOVE', 'HANABI_DESKTOP_PLACE']) {
    expect((await desktop.ask(one, type, { folderId: id })).error, type).toMatchObject({
      code: type === 'HANABI_DESKTOP_PLACE' ? 'HANABI-P003' : 'HANABI-F002',
    });
  }
  // Where the user has moved it, it is the user's.
  const root = desktop.session.root_folder_id;
  await desktop.send('POST', `${DESKTOP_PATHS.items}/move`, { items: [{ file_id: file }], folder_id: root });
  expect((await desktop.ask(one, 'HANABI_DESKTOP_REMOVE', { fileId: file })).error).toMatchObject({
    code: 'HANABI-F002',
  });
});

it('makes the folder of the desktop once, for the one who asks', async () => {
  const other = await Desktop.signIn(server.url, 'other', 'other');
  expect((await content(other)).folder_id).toBeNull();
  const make = async () => (await other.send('PUT', `${DESKTOP_PATHS.desktop}/folder`, {})).json();
  const made = (await make()) as { id: string };
  expect(made).toMatchObject({ name: 'Desktop', parent_id: other.session.root_folder_id });
  expect(await make()).toEqual(made);
  expect((await content(other)).folder_id).toBe(made.id);
  expect((await content(desktop)).folder_id).not.toBe(made.id);
});

it('keeps the folder of the desktop in its place', async () => {
  const { folder_id } = await content(desktop);
  const answer = await desktop.send('POST', `${DESKTOP_PATHS.items}/rename`, {
    item: { folder_id },
    name: 'Elsewhere',
  });
  expect(await answer.json()).toMatchObject({ error: { code: 'HANABI-F009' } });
});

it('makes each shortcut once, so many of them, and removes only its own', async () => {
  const [one, other] = [await desktop.launch('desk-a'), await desktop.launch('desk-b')];
  const make = (spec: object) => desktop.ask(one, 'HANABI_DESKTOP_SHORTCUT', spec);
  const first = (await make({ action: 'new-note' })).data['shortcut'] as { id: string; label: string };
  expect(first.label).toBe('New note');
  const again = (await make({ action: 'new-note', label: 'A\u202e note\n' })).data['shortcut'];
  expect(again).toEqual({ id: first.id, label: 'A note', action: 'new-note' });
  expect((await make({ action: 'unknown' })).error).toMatchObject({ code: 'HANABI-V002' });
  const file = await write(one, 'pinned.txt');
  expect((await make({ fileId: file })).data['shortcut']).toMatchObject({ label: 'pinned.txt', fileId: file });
  const before = (await content(desktop)).shortcuts.length;
  for (let made = before; made < LIMITS.shortcuts_per_module_max; made += 1) {
    expect((await make({ fileId: await write(one, `file-${made}.txt`) })).ok).toBe(true);
  }
  expect((await make({ fileId: await write(one, 'one-too-many.txt') })).error).toMatchObject({ code: 'HANABI-Q017' });
  const remove = (by: { id: string }) => desktop.ask(by, 'HANABI_DESKTOP_REMOVE_SHORTCUT', { shortcutId: first.id });
  expect((await remove(other)).error).toMatchObject({ code: 'HANABI-M017' });
  expect((await remove(one)).ok).toBe(true);
  expect((await remove(one)).error).toMatchObject({ code: 'HANABI-M017' });
  const { shortcuts } = await content(desktop);
  const path = `${DESKTOP_PATHS.desktop}/shortcuts/${shortcuts[0]!.id}`;
  expect((await (await Desktop.signIn(server.url, 'other', 'other')).send('DELETE', path)).status).toBe(404);
  expect((await desktop.send('DELETE', path)).status).toBe(204);
});

it('changes the appearance to what the desktop itself has', async () => {
  const launch = await desktop.launch('desk-a');
  const { wallpaper, accent, theme } = DEFAULT_PREFERENCES;
  expect((await desktop.ask(launch, 'HANABI_DESKTOP_APPEARANCE')).data).toEqual({ wallpaper, accent, theme });
  const changed = { wallpaper: 'waves', accent: '#123456', theme: 'dark' };
  expect((await desktop.ask(launch, 'HANABI_DESKTOP_PERSONALIZE', changed)).data).toEqual(changed);
  expect((await Desktop.signIn(server.url)).session.preferences).toMatchObject(changed);
  for (const wrong of [
    { wallpaper: 'https://example.com/a.png' },
    { accent: 'url(x)' },
    { theme: 'sepia' },
    { quiet: true },
  ]) {
    expect((await desktop.ask(launch, 'HANABI_DESKTOP_PERSONALIZE', wrong)).error).toMatchObject({
      code: 'HANABI-V002',
    });
  }
});
