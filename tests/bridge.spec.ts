/** The bridge in a real browser, spoken to by modules that do not play by the rules. */
import { CAPABILITIES } from '@hanabi/protocol';
import { expect, openModule, signIn, test } from './harness/house.ts';
import { ask, type Heard, listen } from './harness/probe-client.ts';

test.beforeEach(async ({ page, server }) => {
  await signIn(page, server);
});

test('each capability is refused to a module that does not declare it, and nothing stays unanswered', async ({
  page,
}) => {
  const frame = await openModule(page, 'probe-undeclared');
  await listen(frame);
  for (const [type, row] of Object.entries(CAPABILITIES)) {
    const reply = await ask(frame, type, row.example);
    const free = !('all' in row.needs) && !('any' in row.needs);
    expect(reply, type).toMatchObject({ v: 1, type: `${type}_RESULT`, ok: free });
    if (!free) expect(reply.error, type).toMatchObject({ code: 'HANABI-P001', category: 'PERMISSION_DENIED' });
  }
});

test('what a module sends through the bridge comes back as the server keeps it', async ({ page }) => {
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  const context = await ask(frame, 'HANABI_READY');
  expect(context.data).toMatchObject({ id: 'probe-one', version: '1.0.0', features: ['port', 'bytes'] });
  const written = await ask(frame, 'HANABI_WRITE_FILE', { name: 'a.txt', bytesB64: 'aGVsbG8=', subpath: 'x/y' });
  const { file } = written.data as { file: { id: string } };
  const read = await ask(frame, 'HANABI_READ_FILE', { fileId: file.id });
  expect(read.data).toEqual({ ...file, bytesB64: 'aGVsbG8=' });
  await ask(frame, 'HANABI_SET_SETTING', { key: 'k', value: { deep: [1] } });
  expect((await ask(frame, 'HANABI_GET_SETTING', { key: 'k' })).data).toEqual({ key: 'k', value: { deep: [1] } });
});

test('bytes cross the bridge as they are where both sides know how', async ({ page }) => {
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  const same = await frame.evaluate(async () => {
    const bytes = Uint8Array.from({ length: 2_000_000 }, (_, index) => (index * 31) % 256);
    const outcomes: boolean[] = [];
    for (const sent of [bytes.slice(), bytes.slice().buffer, new Blob([bytes])]) {
      const written = await window.ask('HANABI_WRITE_FILE', { name: 'bytes.bin', bytes: sent });
      const { id } = written.data!['file'] as { id: string };
      const buffer = await window.ask('HANABI_READ_FILE', { fileId: id, encoding: 'buffer' });
      const blob = await window.ask('HANABI_READ_FILE', { fileId: id, encoding: 'blob' });
      for (const back of [buffer.data!['bytes'], await (blob.data!['bytes'] as Blob).arrayBuffer()]) {
        const view = new Uint8Array(back as ArrayBuffer);
        outcomes.push(view.length === bytes.length && view.every((byte, index) => byte === bytes[index]));
      }
    }
    return outcomes;
  });
  expect(same).toEqual([true, true, true, true, true, true]);
  const refused = await ask(frame, 'HANABI_WRITE_FILE', { name: 'x', bytes: 'not bytes' });
  expect(refused.error).toMatchObject({ code: 'HANABI-V002' });
});

test('a film can be played from an address, and a file handed to another module', async ({ page }) => {
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
  const written = await ask(frame, 'HANABI_WRITE_FILE', { name: 'pixel.png', bytesB64: pixel });
  const { id } = written.data!['file'] as { id: string };
  const media = await ask(frame, 'HANABI_OPEN_MEDIA', { fileId: id });
  const painted = await frame.evaluate(
    (url) =>
      new Promise<number>((resolve, reject) => {
        const image = new Image();
        image.addEventListener('load', () => resolve(image.naturalWidth));
        image.addEventListener('error', reject);
        image.src = url;
      }),
    String(media.data!['url']),
  );
  expect(painted).toBe(1);
  const sent = await ask(frame, 'HANABI_SEND_TO_MODULE', { moduleId: 'image-viewer', fileId: id });
  expect(sent.data).toEqual({ ok: true, moduleId: 'image-viewer' });
  const viewer = page.frameLocator('iframe[title*="Image Viewer"]');
  await expect(viewer.getByRole('img', { name: /pixel\.png/ })).toBeVisible();
});

test('hostile and malformed messages are answered, each with its reason', async ({ page }) => {
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  const codes = await frame.evaluate(async () => {
    const cyclic: Record<string, unknown> = { v: 1, type: 'HANABI_READY', rid: 'cyclic' };
    cyclic['self'] = cyclic;
    let deep: unknown = null;
    for (let level = 0; level < 1500; level += 1) deep = { deep };
    // A kilobyte that is a million gigabytes of JSON, because each part is there twice.
    let shared: unknown = 1;
    for (let level = 0; level < 50; level += 1) shared = { left: shared, right: shared };
    const own = JSON.parse('{"v":1,"type":"HANABI_READY","rid":"own","__proto__":{"granted":true}}') as unknown;
    const hostile: [string, unknown][] = [
      ['null', null],
      ['text', 'HANABI_READY'],
      ['number', 7],
      ['list', [{ v: 1 }]],
      ['empty', {}],
      ['bigint', 10n],
      ['map', new Map([['v', 1]])],
      ['blob', new Blob(['x'])],
      ['no rid', { v: 1, type: 'HANABI_READY' }],
      ['long rid', { v: 1, type: 'HANABI_READY', rid: 'x'.repeat(1000) }],
      ['no version', { type: 'HANABI_READY', rid: 'r' }],
      ['version 2', { v: 2, type: 'HANABI_READY', rid: 'r' }],
      ['unknown type', { v: 1, type: 'HANABI_NONSENSE', rid: 'r' }],
      ['constructor', { v: 1, type: 'constructor', rid: 'r' }],
      ['__proto__', { v: 1, type: '__proto__', rid: 'r' }],
      ['toString', { v: 1, type: 'toString', rid: 'r' }],
      ['unknown field', { v: 1, type: 'HANABI_READY', rid: 'r', extra: 1 }],
      ['bigint field', { v: 1, type: 'HANABI_SET_SETTING', rid: 'r', key: 'k', value: 10n }],
      ['map field', { v: 1, type: 'HANABI_SET_SETTING', rid: 'r', key: 'k', value: new Map() }],
      ['cyclic', cyclic],
      ['deep', { v: 1, type: 'HANABI_SET_SETTING', rid: 'r', key: 'k', value: deep }],
      ['shared', { v: 1, type: 'HANABI_SET_SETTING', rid: 'r', key: 'k', value: shared }],
      ['own __proto__', own],
    ];
    const result: Record<string, string> = {};
    for (const [name, message] of hostile) {
      const reply = new Promise<Heard>((resolve) => {
        addEventListener('message', (event) => resolve(event.data as Heard), { once: true });
      });
      window.raw(message);
      const heard = await reply;
      result[name] = heard.ok ? 'ok' : heard.error!.code;
    }
    return result;
  });
  expect(codes).toEqual({
    null: 'HANABI-V001',
    text: 'HANABI-V001',
    number: 'HANABI-V001',
    list: 'HANABI-V001',
    empty: 'HANABI-V001',
    bigint: 'HANABI-V001',
    map: 'HANABI-V001',
    blob: 'HANABI-V001',
    'no rid': 'HANABI-V001',
    'long rid': 'HANABI-V001',
    'no version': 'HANABI-V001',
    'version 2': 'HANABI-V004',
    'unknown type': 'HANABI-V003',
    constructor: 'HANABI-V003',
    __proto__: 'HANABI-V003',
    toString: 'HANABI-V003',
    'unknown field': 'HANABI-V002',
    'bigint field': 'HANABI-V002',
    'map field': 'HANABI-V002',
    cyclic: 'HANABI-V002',
    deep: 'HANABI-V002',
    shared: 'HANABI-V002',
    'own __proto__': 'HANABI-V002',
  });
  expect(await page.evaluate(() => Object.keys(Object.prototype))).toEqual([]);
});

test('200 MB of base64 are refused without a request to the server', async ({ page }) => {
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  const sent: string[] = [];
  page.on('request', (request) => sent.push(request.url()));
  const answer = frame.evaluate(async () => {
    const bytesB64 = 'A'.repeat(200_000_000);
    return (await window.ask('HANABI_WRITE_FILE', { name: 'big.bin', bytesB64 })).error;
  });
  // On a machine that is busy with other things, reading them alone takes more time than a module has.
  const error = await Promise.race([
    answer.catch(() => null),
    page
      .getByText('its messages take too long to read')
      .waitFor({ timeout: 0 })
      .catch(() => undefined)
      .then(() => null),
  ]);
  if (error) expect(error).toMatchObject({ code: 'HANABI-F004', category: 'LIMIT' });
  else await expect(page.getByText('HANABI-Q002')).toBeVisible();
  expect(sent.filter((url) => url.includes('/api/capabilities/'))).toEqual([]);
});

test('a burst is answered to the last message, and a flood stops the window', async ({ page }) => {
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  const answered = await frame.evaluate(async () => {
    const replies = await Promise.all(Array.from({ length: 3000 }, () => window.ask('HANABI_GET_CONTEXT')));
    return replies.filter((reply) => reply.ok).length;
  });
  expect(answered).toBe(3000);
  await frame.evaluate(() => {
    for (let count = 0; count < 12_000; count += 1) window.raw({ v: 1, type: 'HANABI_GET_CONTEXT', rid: 'flood' });
  });
  await expect(page.getByText('probe-one was stopped')).toBeVisible();
  await expect(page.getByText('HANABI-Q002')).toBeVisible();
});

test('a module whose messages take seconds to read is stopped', async ({ page }) => {
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  await frame.evaluate(() => {
    // Few bytes to carry, and much to make of them.
    const dear = Array.from({ length: 1_000_000 }, () => ({}));
    for (let count = 0; count < 40; count += 1) window.raw({ v: 1, type: 'HANABI_GET_CONTEXT', rid: 'dear', dear });
  });
  await expect(page.getByText('probe-one was stopped')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('its messages take too long to read')).toBeVisible();
  await expect(page.getByText('HANABI-Q002')).toBeVisible();
});

test('modules cannot answer each other’s requests, even when they know the rid', async ({ page }) => {
  const victim = await openModule(page, 'Capability Demo');
  const attacker = await openModule(page, 'probe-two');
  await listen(attacker);
  // A request that stays open until the user has answered a dialog.
  const rid = await victim.evaluate(() => {
    const demo = globalThis as unknown as Demo;
    demo.forgeries = 0;
    addEventListener('message', ({ source }) => {
      if (source !== parent) demo.forgeries += 1;
    });
    demo.answer = demo.call('HANABI_PICK_FILE', { scope: 'user' });
    // oxlint-disable-next-line no-eval -- reads a constant of the page's own script
    return (0, eval)('[...pending.keys()].at(-1)') as string;
  });
  const dialog = page.getByRole('dialog', { name: 'Capability Demo asks for a file' });
  await expect(dialog).toBeVisible();
  await attacker.evaluate((known) => {
    const forged = { v: 1, type: 'HANABI_PICK_FILE_RESULT', rid: known, ok: true, data: { file: { id: 'forged' } } };
    for (let index = 0; index < parent.frames.length; index += 1) parent.frames[index]!.postMessage(forged, '*');
  }, rid);
  await expect.poll(() => victim.evaluate(() => (globalThis as unknown as Demo).forgeries)).toBe(1);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await victim.evaluate(() => (globalThis as unknown as Demo).answer)).toEqual({ file: null });
  // And what the attacker sends is taken as the attacker's own, with its own rights.
  expect((await ask(attacker, 'HANABI_GET_CONTEXT')).data).toMatchObject({ id: 'probe-two' });
});

interface Demo {
  forgeries: number;
  answer: Promise<unknown>;
  call(type: string, payload: object): Promise<unknown>;
}

test('a frame that navigates itself loses its bridge', async ({ page }) => {
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  expect((await ask(frame, 'HANABI_READY')).ok).toBe(true);
  await frame.evaluate(() => {
    location.href = 'elsewhere.html';
  });
  await expect(page.getByText('HANABI-M005')).toBeVisible();
  await expect(page.getByText('probe-one was stopped')).toBeVisible();
});
