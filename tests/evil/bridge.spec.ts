/** A hostile page at the bridge: speaking for others, reading what is others’, and sending what no message is. */
import type { Frame } from '@playwright/test';
import { ask, listen } from '../harness/probe-client.ts';
import { expect, test } from './house.ts';

const codeOf = async (frame: Frame, type: string, payload: Record<string, unknown> = {}) =>
  (await ask(frame, type, payload)).error?.code ?? 'ok';

test('who it says it is counts for nothing', async ({ evil, house }) => {
  await listen(evil);
  const other = await house.user.launch('victim');
  for (const claim of [
    { moduleId: 'victim' },
    { launch: other.id },
    { sender: 'victim' },
    { user: 'admin' },
    { permissions: ['worker.native'] },
  ]) {
    expect(await codeOf(evil, 'HANABI_GET_CONTEXT', claim), JSON.stringify(claim)).toBe('HANABI-V002');
  }
  const { data } = await ask(evil, 'HANABI_GET_CONTEXT');
  expect(data).toMatchObject({ id: 'evil' });
  // And of what would speak for it elsewhere it is told nothing.
  const known = await evil.evaluate(() => location.href + document.documentElement.outerHTML + window.name);
  const launches = await house.user.send('GET', '/api/modules').then((answer) => answer.text());
  for (const secret of [other.id, house.user.csrf, house.user.cookie]) {
    expect(JSON.stringify(data) + known + launches).not.toContain(secret);
  }
});

test('replies, grants and other words of the desktop are no requests', async ({ evil }) => {
  await listen(evil);
  for (const type of [
    'HANABI_READY_RESULT',
    'HANABI_WRITE_FILE_RESULT',
    'HANABI_FILES_DROPPED',
    'HANABI_DATA_CHANGED',
    'HANABI_GRANT',
    'HANABI_SET_PERMISSIONS',
    'HANABI_INSTALL',
    'HANABI_SIGN_IN',
    'hasOwnProperty',
  ]) {
    expect(await codeOf(evil, type), type).toBe('HANABI-V003');
  }
});

test('a page within the page has no bridge, and cannot borrow the one of its parent', async ({ evil }) => {
  await listen(evil);
  const heard = await evil.evaluate(async () => {
    const script = `addEventListener('message', ({ data }) => parent.postMessage({ inner: data }, '*'));
      for (const to of [top, parent.parent]) to.postMessage({ v: 1, type: 'HANABI_GET_CONTEXT', rid: 'inner' }, '*');
      parent.postMessage({ inner: 'asked' }, '*');`;
    const replies: unknown[] = [];
    const asked = new Promise<void>((resolve) => {
      addEventListener('message', ({ data, source }) => {
        if (source === parent) return;
        replies.push((data as { inner: unknown }).inner);
        resolve();
      });
    });
    const frame = document.createElement('iframe');
    frame.src = URL.createObjectURL(new Blob([`<script>${script}</script>`], { type: 'text/html' }));
    document.body.append(frame);
    await asked;
    // What came before this one is answered before it.
    await window.ask('HANABI_GET_CONTEXT');
    return [...replies, ...window.heard.filter(({ rid }) => rid === 'inner')];
  });
  expect(heard).toEqual(['asked']);
});

test('the port is given once, to whom asked first, and ends with the window', async ({ desktop, evil }) => {
  await listen(evil);
  const victim = desktop.frames().find((frame) => frame.url().includes('/victim/'))!;
  await victim.evaluate(() => {
    addEventListener('message', ({ ports }) => {
      const port = ports[0];
      if (!port) return;
      const replies: unknown[] = [];
      port.addEventListener('message', ({ data }) => replies.push(data));
      port.start();
      Object.assign(window, { port, replies });
    });
  });
  const ports = await evil.evaluate(async () => {
    const given: MessagePort[] = [];
    const own = new MessageChannel();
    addEventListener('message', (event) => given.push(...event.ports));
    await window.ask('HANABI_READY');
    await window.ask('HANABI_READY');
    // One of its own, sent along with a request, is nobody’s address.
    parent.postMessage({ v: 1, type: 'HANABI_GET_CONTEXT', rid: 'own' }, '*', [own.port2]);
    own.port1.postMessage({ v: 1, type: 'HANABI_GET_CONTEXT', rid: 'own' });
    await window.ask('HANABI_GET_CONTEXT');
    for (let at = 0; at < parent.frames.length; at += 1) {
      if (parent.frames[at] !== window) parent.frames[at]!.postMessage('take it', '*', [given[0]!]);
    }
    return given.length;
  });
  expect(ports).toBe(1);
  const replies = () => victim.evaluate(() => (window as unknown as { replies: Reply[] }).replies);
  const send = () =>
    victim.evaluate(() => {
      const { port } = window as unknown as { port: MessagePort };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has none
      port.postMessage({ v: 1, type: 'HANABI_GET_CONTEXT', rid: 'lent' });
    });
  await expect.poll(() => victim.evaluate(() => 'port' in window)).toBe(true);
  // Lent to another module it still speaks for the one that it was given to, as that one could have by itself.
  await send();
  await expect.poll(replies).toMatchObject([{ rid: 'lent', data: { id: 'evil' } }]);
  await desktop
    .getByRole('dialog', { name: 'Evil', exact: true })
    .getByRole('button', { name: 'Close', exact: true })
    .click();
  await expect(desktop.getByRole('dialog', { name: 'Evil', exact: true })).toHaveCount(0);
  await send();
  await listen(victim);
  expect((await ask(victim, 'HANABI_GET_CONTEXT')).data).toMatchObject({ id: 'victim' });
  expect(await replies()).toHaveLength(1);
});

interface Reply {
  rid: string;
  data: { id: string };
}

test('what is others’ is not there, in the same words as what never was', async ({ evil, house }) => {
  await listen(evil);
  const { user, admin } = house;
  const victim = await user.launch('victim');
  const put = { collection: 'c', id: 'd', data: { secret: 1 } };
  expect((await user.ask(victim, 'HANABI_DATA_PUT', put)).ok).toBe(true);
  await user.ask(victim, 'HANABI_SET_SETTING', { key: 'k', value: 'secret' });
  const written = await user.ask(victim, 'HANABI_WRITE_FILE', { name: 'own.txt', bytesB64: 'YQ==' });
  const { id: fileOfVictim } = written.data['file'] as { id: string };
  const { id: fileOfAdmin } = await admin.upload('of another user.txt', 'secret');
  const { id: folderOfAdmin } = (await admin.folder('root')).folders[0]!;
  const never = 'never-was-there-000000';
  const said = async (type: string, id: string, field: string) => {
    const { ok, error } = await ask(evil, type, { [field]: id });
    return ok ? 'ok' : `${error!.code} ${error!.message.replaceAll(id, 'ID')}`;
  };
  for (const [type, field, theirs] of [
    ['HANABI_READ_FILE', 'fileId', fileOfAdmin],
    ['HANABI_OPEN_MEDIA', 'fileId', fileOfAdmin],
    ['HANABI_FS_LIST', 'folderId', folderOfAdmin],
    ['HANABI_CANCEL_JOB', 'jobId', 'of-nobody'],
  ] as const) {
    const told = await said(type, theirs, field);
    expect(told, type).toMatch(/^HANABI-/);
    expect(told, type).toBe(await said(type, never, field));
  }
  // With the right to read all files, those of other modules stay theirs; without it, nothing is.
  expect(await codeOf(evil, 'HANABI_READ_FILE', { fileId: fileOfVictim })).toBe('HANABI-F002');
  expect(await codeOf(evil, 'HANABI_SEND_TO_MODULE', { moduleId: 'victim', fileId: fileOfVictim })).toBe('HANABI-F002');
  for (const collection of ['c', '../victim/c', 'victim:c', '__proto__', 'constructor']) {
    const { ok, data, error } = await ask(evil, 'HANABI_DATA_GET', { collection, id: 'd' });
    expect(JSON.stringify(ok ? data : error), collection).not.toContain('secret');
  }
  expect((await ask(evil, 'HANABI_GET_SETTING', { key: 'k' })).data).toEqual({ key: 'k', value: null });
});

test('names and paths lead nowhere but below its own folders', async ({ evil, house }) => {
  await listen(evil);
  for (const [name, subpath] of [
    ['../up.txt', ''],
    ['..', ''],
    ['a/b.txt', ''],
    ['a\\b.txt', ''],
    ['a\0.txt', ''],
    ['a.txt', '../..'],
    ['a.txt', '/etc'],
    ['a.txt', 'x/../../y'],
    ['a.txt', '..\\..'],
    ['a.txt', 'x\0y'],
  ]) {
    const { ok } = await ask(evil, 'HANABI_WRITE_FILE', { name, subpath, bytesB64: 'YQ==' });
    expect(ok, `${subpath} ${name}`).toBe(false);
  }
  expect((await ask(evil, 'HANABI_WRITE_FILE', { name: 'fine.txt', subpath: 'x/y', bytesB64: 'YQ==' })).ok).toBe(true);
  const root = await house.user.folder('root');
  expect([...root.files, ...root.folders].map((item) => item.name)).not.toContain('up.txt');
});

test('things that were never meant for a message are answered, and nothing of them is kept', async ({
  desktop,
  evil,
}) => {
  await listen(evil);
  const codes = await evil.evaluate(async () => {
    const { port1 } = new MessageChannel();
    const stream = new ReadableStream();
    const canvas = new OffscreenCanvas(9, 9);
    const drawn = new OffscreenCanvas(9, 9);
    drawn.getContext('2d');
    const bitmap = drawn.transferToImageBitmap();
    const list = Object.assign(['x'], { length: 3, '-1': 'x' });
    const things: Record<string, [unknown, Transferable[]]> = {
      'a port': [port1, [port1]],
      'a stream': [stream, [stream]],
      'a canvas': [canvas, [canvas]],
      'a bitmap': [bitmap, [bitmap]],
      'an error': [Object.assign(new Error('x'), { code: 'HANABI-P001' }), []],
      'a date': [new Date(Number.NaN), []],
      'a pattern': [/(a+)+$/, []],
      'a list with holes': [list, []],
      'a file': [new File(['x'], '../../x'), []],
    };
    const said: Record<string, string> = {};
    for (const [name, [bytes, transfer]] of Object.entries(things)) {
      const rid = `thing ${name}`;
      const reply = new Promise<string>((resolve) => {
        addEventListener('message', ({ data }) => {
          if (data.rid === rid) resolve(data.ok ? 'ok' : data.error.code);
        });
      });
      parent.postMessage({ v: 1, type: 'HANABI_WRITE_FILE', rid, name: 'thing', bytes }, '*', transfer);
      said[name] = await reply;
    }
    return said;
  });
  expect(codes).toEqual({
    'a port': 'HANABI-V002',
    'a stream': 'HANABI-V002',
    'a canvas': 'HANABI-V002',
    'a bitmap': 'HANABI-V002',
    'an error': 'HANABI-V002',
    'a date': 'HANABI-V002',
    'a pattern': 'HANABI-V002',
    'a list with holes': 'HANABI-V002',
    'a file': 'ok',
  });
  expect(await desktop.evaluate(() => Object.keys(Object.prototype))).toEqual([]);
});

test('a rid is a text and nothing else', async ({ desktop, evil }) => {
  await listen(evil);
  const rids = ['__proto__', 'constructor', 'toString', '<b>', '\u202e', '../x'];
  for (const rid of rids) {
    await evil.evaluate((text) => {
      window.raw({ v: 1, type: 'HANABI_EVENTS_TAKEN', rid: text, count: Number.MAX_SAFE_INTEGER });
      window.raw({ v: 1, type: 'HANABI_GET_CONTEXT', rid: text });
    }, rid);
  }
  const answered = () => evil.evaluate(() => window.heard.filter(({ ok }) => ok).map(({ rid }) => rid));
  await expect.poll(answered).toEqual(rids);
  expect(await desktop.evaluate(() => ({}) instanceof Object && Object.keys({}).length)).toBe(0);
});
