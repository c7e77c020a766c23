import { KIB } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  const dirs = [
    await makeModule({ id: 'settings-a', permissions: ['settings.self'] }),
    await makeModule({ id: 'settings-b', permissions: ['settings.self'] }),
  ];
  server = await startServer({ env: { HANABI_MODULE_DIRS: dirs.join(':') }, users: ['other'] });
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

it('keeps any JSON value, and gives it back as it was', async () => {
  const launch = await desktop.launch('settings-a');
  for (const value of ['dark', 0, false, [1, null], { a: { b: '花火' } }, '']) {
    await desktop.ask(launch, 'HANABI_SET_SETTING', { key: 'k', value });
    expect((await desktop.ask(launch, 'HANABI_GET_SETTING', { key: 'k' })).data).toEqual({ key: 'k', value });
  }
  await desktop.ask(launch, 'HANABI_SET_SETTING', { key: 'k', value: null });
  expect((await desktop.ask(launch, 'HANABI_GET_SETTING', { key: 'k' })).data).toEqual({ key: 'k', value: null });
});

it('keeps modules and users apart', async () => {
  await desktop.ask(await desktop.launch('settings-a'), 'HANABI_SET_SETTING', { key: 'mine', value: 1 });
  const otherModule = await desktop.ask(await desktop.launch('settings-b'), 'HANABI_GET_SETTING', { key: 'mine' });
  expect(otherModule.data['value']).toBeNull();
  const stranger = await Desktop.signIn(server.url, 'other', 'other');
  const otherUser = await stranger.ask(await stranger.launch('settings-a'), 'HANABI_GET_SETTING', { key: 'mine' });
  expect(otherUser.data['value']).toBeNull();
});

it('takes 256 KiB and not a byte more', async () => {
  const launch = await desktop.launch('settings-a');
  const set = (chars: number) => desktop.ask(launch, 'HANABI_SET_SETTING', { key: 'big', value: 'x'.repeat(chars) });
  // Two of the bytes are the quotes around the text.
  expect((await set(256 * KIB - 2)).ok).toBe(true);
  expect((await set(256 * KIB - 1)).error).toMatchObject({ code: 'HANABI-Q001', category: 'LIMIT' });
  expect((await desktop.ask(launch, 'HANABI_SET_SETTING', { key: '', value: 1 })).error.code).toBe('HANABI-V002');
});
