import { expect, test, vi } from 'vitest';
import { createHanabiClient, HanabiError } from '../src/index.ts';
import { fakeHost } from './fake-host.ts';

test('dispose rejects what is pending, removes the listener, and is final', async () => {
  const host = fakeHost();
  const removed = vi.spyOn(host.window, 'removeEventListener');
  const added = vi.spyOn(host.window, 'addEventListener');
  const client = createHanabiClient({ window: host.window });
  const answers = [client.readFile('f-1'), client.listJobs()];
  client.dispose();
  for (const answer of answers) {
    await expect(answer).rejects.toBeInstanceOf(HanabiError);
    await expect(answer).rejects.toMatchObject({ code: 'HANABI-M006' });
  }
  expect(removed.mock.calls).toEqual(added.mock.calls);
  host.reply(host.sent[0]!, { ok: true, data: {} });
  await expect(client.getContext()).rejects.toMatchObject({ code: 'HANABI-M006' });
  expect(host.sent).toHaveLength(2);
  expect(() => client.dispose()).not.toThrow();
});

test('making a client sends nothing', () => {
  const host = fakeHost();
  createHanabiClient({ window: host.window });
  expect(host.sent).toEqual([]);
});
