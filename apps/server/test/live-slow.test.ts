/** Desktops that do not read what they are told, and desktops that say nothing: real sockets, held still by the test. */
import { type Launch, LIMITS, type LiveMessage } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { LiveClient } from './harness/live-client.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
let launch: Launch;
beforeAll(async () => {
  const dir = await makeModule({ id: 'keeps', permissions: ['data.store', 'settings.self'] });
  server = await startServer({ env: { HANABI_MODULE_DIRS: dir } });
  desktop = await Desktop.signIn(server.url);
  launch = await desktop.launch('keeps');
});
afterAll(() => server.stop());

const heard = (client: LiveClient) =>
  client.messages.filter((message: LiveMessage) => message.op === 'live' && message.event.topic === 'data').length;

describe('a desktop that does not read', () => {
  it('is owed a bounded amount, is read no further, and gets every answer when it reads again', async () => {
    const value = 'x'.repeat(LIMITS.setting_value_bytes_max - 1024);
    await desktop.ask(launch, 'HANABI_SET_SETTING', { key: 'long', value });
    const slow = await LiveClient.open(desktop);
    slow.socket.pause();
    const asked = 200;
    const ids = Array.from({ length: asked }, () => slow.call(launch, 'HANABI_GET_SETTING', { key: 'long' }));
    const quick = await LiveClient.open(desktop);
    // Others are not held up, and neither is the server.
    for (let turn = 0; turn < 20; turn += 1) {
      expect((await quick.ask(launch, 'HANABI_GET_SETTING', { key: 'none' })).ok).toBe(true);
    }
    slow.socket.resume();
    const answers = await Promise.all(ids.map((id) => slow.reply(id)));
    expect(answers.map(({ ok }) => ok)).toEqual(Array.from({ length: asked }, () => true));
    expect(answers.every(({ data }) => data['value'] === value)).toBe(true);
    await Promise.all([slow.close(), quick.close()]);
  });

  it('misses news, and is told that it did', async () => {
    const value = 'x'.repeat(LIMITS.setting_value_bytes_max - 1024);
    await desktop.ask(launch, 'HANABI_SET_SETTING', { key: 'long', value });
    const slow = await LiveClient.open(desktop);
    slow.socket.pause();
    const ids = Array.from({ length: 200 }, () => slow.call(launch, 'HANABI_GET_SETTING', { key: 'long' }));
    // So much is waiting for it by now that what follows would come on top.
    const other = await LiveClient.open(desktop);
    for (let n = 0; n < 200; n += 1) {
      await other.ask(launch, 'HANABI_DATA_PUT', { collection: 'c', id: `d${n}`, data: n });
    }
    slow.socket.resume();
    await Promise.all(ids.map((id) => slow.reply(id)));
    await slow.find((message) => message.op === 'live' && message.event.topic === 'missed');
    expect(heard(other)).toBe(200);
    expect(heard(slow)).toBeLessThan(200);
    await Promise.all([slow.close(), other.close()]);
  });
});
