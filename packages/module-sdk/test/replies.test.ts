import { expect, test, vi } from 'vitest';
import { createHanabiClient, HanabiError } from '../src/index.ts';
import { fakeHost } from './fake-host.ts';

const file = { id: 'f-1', name: 'a.txt', mime_type: 'text/plain', size_bytes: 2, bytesB64: 'aGk=' };

test('a reply resolves the request whose rid it carries, in any order', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const first = client.readFile('f-1');
  const second = client.readFile('f-2');
  const [sentFirst, sentSecond] = host.sent;
  expect(sentFirst).toEqual({ v: 1, type: 'HANABI_READ_FILE', rid: expect.any(String), fileId: 'f-1' });
  host.reply(sentSecond!, { ok: true, data: { ...file, id: 'f-2' } });
  host.reply(sentFirst!, { ok: true, data: file });
  expect((await first).id).toBe('f-1');
  expect((await second).id).toBe('f-2');
});

test('an error reply rejects with a HanabiError that keeps code, category, message, log and ids', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const answer = client.createJob();
  const error = { code: 'HANABI-W008', category: 'FAILED', message: 'It failed', log: 'Traceback', jobId: 'j-1' };
  host.reply(host.sent[0]!, { ok: false, error: { ...error, requestId: 'r-1' } });
  const caught = await answer.catch((reason: unknown) => reason);
  expect(caught).toBeInstanceOf(HanabiError);
  expect(caught).toBeInstanceOf(Error);
  expect(caught).toMatchObject({ ...error, requestId: 'r-1', name: 'HanabiError' });
});

const forgeries: [string, (rid: string, host: ReturnType<typeof fakeHost>) => void][] = [
  ['from a sibling frame', (rid, host) => host.deliver(result(rid), { postMessage() {} })],
  ['from the page itself', (rid, host) => host.deliver(result(rid), host.window)],
  ['without a source', (rid, host) => host.deliver(result(rid), null)],
  ['of another type', (rid, host) => host.deliver({ ...result(rid), type: 'HANABI_WRITE_FILE_RESULT' })],
  ['without the _RESULT suffix', (rid, host) => host.deliver({ ...result(rid), type: 'HANABI_READ_FILE' })],
  ['of an unknown rid', (rid, host) => host.deliver(result(`${rid}0`))],
];

const result = (rid: string) => ({
  v: 1,
  type: 'HANABI_READ_FILE_RESULT',
  rid,
  ok: true,
  data: { ...file, name: 'forged' },
});

test.each(forgeries)('a reply %s is ignored', async (_, forge) => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const answer = client.readFile('f-1');
  forge(host.sent[0]!.rid, host);
  host.reply(host.sent[0]!, { ok: true, data: file });
  expect((await answer).name).toBe('a.txt');
});

test('a second reply to the same request changes nothing', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const answer = client.readFile('f-1');
  host.reply(host.sent[0]!, { ok: true, data: file });
  host.reply(host.sent[0]!, { ok: false, error: { code: 'HANABI-F001', category: 'NOT_FOUND', message: 'gone' } });
  expect((await answer).name).toBe('a.txt');
});

test.each([null, undefined, 0, 'text', [], { rid: {} }, { rid: null }, { type: 'HANABI_READ_FILE_RESULT' }])(
  'a message that is no reply (%j) disturbs nothing',
  async (data) => {
    const host = fakeHost();
    const client = createHanabiClient({ window: host.window });
    const answer = client.readFile('f-1');
    expect(() => host.deliver(data)).not.toThrow();
    host.reply(host.sent[0]!, { ok: true, data: file });
    await expect(answer).resolves.toEqual(file);
  },
);

test.each([{ ok: false }, { ok: false, error: null }, { ok: false, error: 'no' }, { ok: 'true', data: {} }, {}])(
  'a malformed reply (%j) rejects instead of leaving the promise open',
  async (outcome) => {
    const host = fakeHost();
    const client = createHanabiClient({ window: host.window });
    const answer = client.readFile('f-1');
    host.reply(host.sent[0]!, outcome);
    await expect(answer).rejects.toMatchObject({ code: 'HANABI-V001', category: 'INVALID' });
  },
);

test('what cannot be cloned is refused before it is sent', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const answer = client.setSetting('key', (() => 1) as unknown as string);
  await expect(answer).rejects.toMatchObject({ code: 'HANABI-V002', category: 'INVALID' });
  expect(host.sent).toEqual([]);
});

test('a payload cannot replace the envelope around it', () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const payload = { message: 'hi', v: 2, type: 'HANABI_READY', rid: 'mine' };
  void client.call('HANABI_NOTIFY', payload);
  expect(host.sent[0]).toMatchObject({ v: 1, type: 'HANABI_NOTIFY', message: 'hi' });
  expect(host.sent[0]!.rid).not.toBe('mine');
});

test('outside the desktop, where the page is its own parent, requests are refused at once', async () => {
  const { window: page } = fakeHost();
  const postMessage = vi.fn<() => void>();
  Object.assign(page, { parent: page, postMessage });
  await expect(createHanabiClient({ window: page }).getContext()).rejects.toMatchObject({ code: 'HANABI-M003' });
  expect(postMessage).not.toHaveBeenCalled();
});
