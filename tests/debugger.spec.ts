/** The debugger in a real browser: what it shows of a draft, what it says to do, and what a replay finds. */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { type Permission, Recording, RECORDING_SCHEMA } from '@hanabi/protocol';
import type { ModuleWish } from '../apps/server/test/harness/make-module.ts';
import { expect, inEachView, signIn, startProgram, test } from './harness/house.ts';
import { openTool, packageFile } from './harness/portal.ts';
import { ask, listen } from './harness/probe-client.ts';
import { SDK } from './harness/probes.ts';
import { violations, violationsInEachLook } from './harness/violations.ts';

/** Keeps a secret and a content, and says that it is lit, whether it may or not. */
const lantern = (says: string) => `
import { createHanabiClient } from './hanabi-sdk.js';
const hanabi = createHanabiClient();
await hanabi.ready();
await hanabi.setSetting('api_token', 'under the seventh stone');
await hanabi.writeFile('lantern.txt', new TextEncoder().encode('paper and wax').buffer);
await hanabi.notify('${says}').catch(() => undefined);
document.title = 'ran';
`;

function draft(version: string, permissions: Permission[], says = 'lit'): ModuleWish {
  return {
    id: 'forgetful-lantern',
    permissions: ['settings.self', 'files.write', ...permissions],
    manifest: { name: 'Forgetful Lantern', version },
    files: {
      'ui/index.html':
        '<!doctype html><html lang="en"><title>t</title><script type="module" src="main.js"></script></html>',
      'ui/main.js': lantern(says),
      'ui/hanabi-sdk.js': SDK,
    },
  };
}

const debuggerWindow = (page: Page) => page.getByRole('dialog', { name: 'Module Debugger' });
const rows = (window: Locator) => window.getByRole('listbox', { name: /^Calls and events/ }).getByRole('option');

async function upload(page: Page, wish: ModuleWish): Promise<Locator> {
  const portal = await openTool(page, 'Developer Portal');
  await portal
    .getByLabel('Choose a package', { exact: true })
    .last()
    .setInputFiles(await packageFile(wish));
  const { name, version } = wish.manifest as { name: string; version: string };
  await expect(portal.getByRole('heading', { name: `${name} ${version} is a draft now` })).toBeVisible();
  return portal;
}

async function exported(page: Page, window: Locator): Promise<{ path: string; text: string }> {
  const coming = page.waitForEvent('download');
  await window.getByRole('button', { name: 'Export' }).click();
  const path = await (await coming).path();
  return { path, text: await readFile(path, 'utf8') };
}

async function replay(page: Page, path: string): Promise<Locator> {
  await startProgram(page, 'Module Debugger');
  const window = debuggerWindow(page);
  await window.getByLabel('Replay a recording').last().setInputFiles(path);
  return window.getByRole('region', { name: 'Replay of Forgetful Lantern (draft)' }).getByRole('status');
}

test('a draft that forgets a permission is told what to add, and a replay finds what became of it', async ({
  page,
  server,
}) => {
  await signIn(page, server);
  const portal = await upload(page, draft('1.0.0', []));
  await portal
    .getByRole('region', { name: 'Forgetful Lantern' })
    .getByRole('button', { name: 'Debug', exact: true })
    .click();
  const window = debuggerWindow(page);
  await expect(page.getByRole('dialog', { name: 'Forgetful Lantern (draft) – debugged' })).toBeVisible();
  const refused = rows(window).filter({ hasText: 'refused: not declared: notifications' });
  await expect(refused).toContainText('HANABI_NOTIFY');
  expect(await violations(page)).toEqual([]);
  await refused.click();
  const details = window.getByRole('region', { name: 'Details of HANABI_NOTIFY' });
  await expect(details.getByText('Add “notifications” to “permissions” in hanabi.module.json')).toBeVisible();
  await expect(details.getByRole('listitem')).toHaveText([
    'Declared in the manifest: refused',
    'Granted: not reached',
    'Inside its scope: not reached',
  ]);
  const manifest = await details.getByRole('region', { name: 'In hanabi.module.json' }).textContent();
  const listed = JSON.parse(`{${manifest}}`) as { permissions: Permission[] };
  expect(listed.permissions).toEqual(['settings.self', 'files.write', 'notifications']);

  const first = await exported(page, window);
  const recording = Recording.parse(JSON.parse(first.text));
  expect(recording).toMatchObject({ $schema: RECORDING_SCHEMA, format: 1, dropped: 0, module: { version: '1.0.0' } });
  expect(first.text).not.toContain('seventh stone');
  expect(first.text).not.toContain('paper and wax');
  const written = recording.entries.find((entry) => entry.kind === 'request' && entry.type === 'HANABI_WRITE_FILE');
  expect(written).toMatchObject({ payload: { bytes: { $bytes: { form: 'buffer', size_bytes: 13 } } } });

  // What was missing is there now.
  await upload(page, draft('1.0.1', listed.permissions.slice(2)));
  await expect(await replay(page, first.path)).toHaveText(
    'First difference, after 4 calls: HANABI_NOTIFY was refused for want of “notifications”, which the manifest lists now.',
  );
  await window.getByRole('button', { name: 'Open again' }).click();
  await expect(rows(window).filter({ hasText: 'HANABI_NOTIFY' })).toContainText('answered');
  const second = await exported(page, window);
  await expect(await replay(page, second.path)).toHaveText('No difference: all 4 calls came as recorded.');
  // Nothing was done: one notification is from the recording, and none from the replays.
  await page.getByRole('button', { name: /^Notifications/ }).click();
  await expect(page.getByRole('dialog', { name: /^Notifications/ }).getByText('lit', { exact: true })).toHaveCount(1);
  await page.keyboard.press('Escape');

  await window.getByRole('button', { name: 'Close', exact: true }).click();
  await upload(page, draft('1.0.2', ['notifications'], 'lit again'));
  await expect(await replay(page, second.path)).toHaveText(
    'First difference, after 3 calls: another call came than the recorded one.',
  );
  const difference = window.getByRole('region', { name: '− recorded, + now' });
  await expect(difference.getByText('− "message": "lit"')).toBeVisible();
  await expect(difference.getByText('+ "message": "lit again"')).toBeVisible();
});

test('an administrator debugs what is installed by keyboard, and what was consented to is seen to come and go', async ({
  page,
  server,
}) => {
  await signIn(page, server);
  await startProgram(page, 'Module Debugger');
  const window = debuggerWindow(page);
  await window.getByLabel('Module', { exact: true }).selectOption({ label: 'probe-two 1.0.0' });
  const known = new Set(page.frames());
  await window.getByRole('button', { name: 'Open and record' }).press('Enter');
  const opened = () => page.frames().find((frame) => !known.has(frame) && frame.url().includes('/probe-two/'));
  await expect.poll(() => opened() !== undefined).toBe(true);
  const frame = opened()!;
  await frame.waitForLoadState('load');
  await listen(frame);
  await ask(frame, 'HANABI_GET_CONTEXT');
  await frame.evaluate(() => globalThis.window.raw('no envelope'));
  await ask(frame, 'HANABI_READ_FILE', { fileId: 'nobody-has-this' });
  await ask(frame, 'HANABI_NO_SUCH_THING');
  await expect(rows(window)).toHaveCount(4);
  await expect(rows(window).nth(1)).toContainText('failed: HANABI-V001');
  await expect(rows(window).nth(2)).toContainText('refused: out of scope (HANABI-F001)');

  await startProgram(page, 'Permissions');
  await page
    .getByRole('dialog', { name: 'Permissions', exact: true })
    .getByRole('button', { name: /^Take back from probe-two: Show you notifications/ })
    .click();
  await expect(rows(window).nth(4)).toContainText('taken away: notifications');
  await ask(frame, 'HANABI_NOTIFY', { message: 'x' });
  await startProgram(page, 'Module Debugger');

  const list = window.getByRole('listbox', { name: /^Calls and events/ });
  await list.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  const details = window.getByRole('region', { name: 'Details of HANABI_NOTIFY' });
  await expect(details.getByText('The Permissions window gives it back.')).toBeVisible();
  await expect(details.getByRole('listitem').nth(1)).toHaveText('Granted: refused');
  await expect(details.getByRole('button', { name: 'Back to the list' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(details).toHaveCount(0);
  await expect(list).toBeFocused();

  await window.getByLabel('Outcome').selectOption('Refused by a check');
  await expect(rows(window)).toHaveCount(2);
  await window.getByLabel('Search in messages').fill('nobody-has');
  await expect(rows(window)).toHaveCount(1);
  await window.getByLabel('Search in messages').fill('');
  await window.getByLabel('Outcome').selectOption('All outcomes');
  await window.getByRole('button', { name: 'Pause' }).press('Enter');
  await ask(frame, 'HANABI_GET_CONTEXT');
  await expect(window.getByText('1 newer row')).toBeVisible();
  await expect(rows(window)).toHaveCount(6);
  await window.getByRole('button', { name: 'Go on' }).press('Enter');
  await expect(rows(window)).toHaveCount(7);
  await window.getByRole('button', { name: 'Clear' }).press('Enter');
  await expect(window.getByText('7 earlier rows are gone')).toBeVisible();

  await window.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page.getByRole('dialog')).toHaveCount(1);
  await expect(page.getByRole('dialog', { name: 'Permissions', exact: true })).toBeVisible();
  await expect.poll(() => page.frames().includes(frame)).toBe(false);
});

test('what is no recording is not replayed', async ({ page, server }) => {
  await signIn(page, server);
  const window = await openTool(page, 'Module Debugger');
  const input = window.getByLabel('Replay a recording').last();
  const give = (text: string) =>
    input.setInputFiles({ name: 'r.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await give('no JSON');
  await expect(window.getByRole('alert')).toContainText('HANABI-M016');
  await give('{"format":2}');
  await expect(window.getByRole('alert')).toContainText('format 2; this desktop reads 1');
  await give('{"format":1,"entries":[{"kind":"request"}]}');
  await expect(window.getByRole('alert')).toContainText('$schema');
});

inEachView((name) => {
  test('the debugger is accessible', async ({ page, server }, info) => {
    await signIn(page, server);
    const look = async (what: string) => {
      await page.screenshot({ path: info.outputPath(`${what}.png`) });
      expect(await violationsInEachLook(page)).toEqual([]);
    };
    const window = await openTool(page, 'Module Debugger');
    await look('empty');
    const portal = await openTool(page, 'Developer Portal');
    const wish = { ...draft('1.0.0', []), id: `lantern-in-${name}` };
    await portal
      .getByLabel('Choose a package', { exact: true })
      .last()
      .setInputFiles(await packageFile({ ...wish, manifest: { name: `Lantern in ${name}` } }));
    await portal
      .getByRole('region', { name: `Lantern in ${name}` })
      .getByRole('button', { name: 'Debug', exact: true })
      .click();
    await expect(rows(window)).toHaveCount(4);
    await startProgram(page, 'Module Debugger');
    await look('list');
    await rows(window).nth(3).click();
    await expect(window.getByRole('region', { name: /^Details of/ })).toBeVisible();
    await look('details');
    const { text } = await exported(page, window);
    const other = text.replace('"message": "lit"', '"message": "dark"');
    await window
      .getByLabel('Replay a recording')
      .last()
      .setInputFiles({ name: 'r.json', mimeType: 'application/json', buffer: Buffer.from(other) });
    await startProgram(page, 'Module Debugger');
    await expect(window.getByRole('status').filter({ hasText: 'First difference' })).toBeVisible();
    await look('replay');
  });
});
