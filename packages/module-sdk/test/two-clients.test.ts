import { expect, test } from 'vitest';
import { createHanabiClient } from '../src/index.ts';
import { fakeHost } from './fake-host.ts';

test('two clients in one page never share a rid and get their own replies', async () => {
  const host = fakeHost();
  const clients = [createHanabiClient({ window: host.window }), createHanabiClient({ window: host.window })];
  const answers = Array.from({ length: 200 }, (_, index) => clients[index % 2]!.getSetting(`key-${index}`));
  expect(new Set(host.sent.map((message) => message.rid)).size).toBe(200);
  for (const message of host.sent.toReversed()) {
    host.reply(message, { ok: true, data: { key: message['key'], value: message['key'] } });
  }
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 200 }, (_, index) => `key-${index}`));
});

test('no client can guess the rids of another', () => {
  const host = fakeHost();
  for (let count = 0; count < 8; count += 1) void createHanabiClient({ window: host.window }).listJobs();
  const prefixes = host.sent.map((message) => message.rid.replace(/-\d+$/, ''));
  expect(new Set(prefixes).size).toBe(8);
  // Four random words of 32 bits; ten digits is what such a word usually has.
  expect(Math.min(...prefixes.map((prefix) => prefix.length))).toBeGreaterThan(24);
  expect(Math.max(...host.sent.map((message) => message.rid.length))).toBeLessThanOrEqual(128);
});

test('disposing of one client leaves the other at work', async () => {
  const host = fakeHost();
  const gone = createHanabiClient({ window: host.window });
  const stays = createHanabiClient({ window: host.window });
  const answer = stays.getSetting('key');
  gone.dispose();
  host.reply(host.sent[0]!, { ok: true, data: { key: 'key', value: 7 } });
  expect(await answer).toBe(7);
});
