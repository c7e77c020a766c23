import { DEFAULT_PREFERENCES, DESKTOP_PATHS, type Preferences } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  server = await startServer({
    users: ['other', 'old'],
    prepare: async (db) => {
      const { id } = await db.selectFrom('users').select('id').where('name', '=', 'old').executeTakeFirstOrThrow();
      const value = JSON.stringify({ theme: 'dark', wallpaper: 'one that was', from_later: true });
      await db.insertInto('preferences').values({ user_id: id, value, updated_at: '2026-01-01' }).execute();
    },
  });
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

const path = DESKTOP_PATHS.preferences;
const change = (by: Desktop, changes: unknown) => by.send('PATCH', path, changes);
const kept = async (of: Desktop) => (await (await of.send('GET', path)).json()) as Preferences;

it('changes what is named and leaves the rest', async () => {
  expect(await kept(desktop)).toEqual(DEFAULT_PREFERENCES);
  await change(desktop, { theme: 'dark', shortcuts: { close: 'Alt+Q' } });
  const answer = await change(desktop, { accent: '#AA3366' });
  expect(await answer.json()).toEqual({
    ...DEFAULT_PREFERENCES,
    theme: 'dark',
    shortcuts: { close: 'Alt+Q' },
    accent: '#AA3366',
  });
  expect((await kept(desktop)).theme).toBe('dark');
});

it('keeps where icons stand', async () => {
  const icon_places = { trash: { x: 3, y: 2 }, 'module:thumbnails': { x: 0.25, y: 1.5 } };
  await change(desktop, { icon_places, icons_aligned: false });
  expect(await kept(desktop)).toMatchObject({ icon_places, icons_aligned: false });
});

it('tells them at the sign-in, to the one whose they are', async () => {
  await change(desktop, { wallpaper: 'waves' });
  expect((await Desktop.signIn(server.url)).session.preferences.wallpaper).toBe('waves');
  expect((await Desktop.signIn(server.url, 'other', 'other')).session.preferences).toEqual(DEFAULT_PREFERENCES);
});

it('loses neither of two changes that come at once', async () => {
  await Promise.all([change(desktop, { quiet: true }), change(desktop, { welcomed: true })]);
  expect(await kept(desktop)).toMatchObject({ quiet: true, welcomed: true });
});

it('takes no value that it does not know, and not too many', async () => {
  for (const wrong of [
    { theme: 'neon' },
    { wallpaper: 'https://example.com/picture.png' },
    { accent: 'red' },
    { unknown: 1 },
    { icon_places: { trash: { x: -1, y: 0 } } },
    { icon_places: { trash: { x: 1 } } },
    { quiet_modules: Array.from({ length: 300 }, (_, index) => `m${index}`) },
    { shortcuts: Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`a${index}`, 'F2'])) },
  ]) {
    const answer = await change(desktop, wrong);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: 'HANABI-V008' } }]);
  }
});

it('does without what another version kept', async () => {
  const old = await Desktop.signIn(server.url, 'old', 'old');
  expect(old.session.preferences).toEqual({ ...DEFAULT_PREFERENCES, theme: 'dark' });
});
