/** The host's own file dialog against modules that choose the moment in which it opens. */
import type { Frame, Page } from '@playwright/test';
import { expect, openModule, signIn, test } from './harness/house.ts';
import { ask, listen } from './harness/probe-client.ts';

test.beforeEach(async ({ page, server }) => {
  await signIn(page, server);
});

/** A file of the user's, and a module in whose page they type; the key "p" makes it ask for a file. */
async function typingModule(page: Page): Promise<Frame> {
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  await page.evaluate(async () => {
    const { csrf_token } = (await (await fetch('/api/session')).json()) as { csrf_token: string };
    const headers = { 'x-hanabi-csrf': csrf_token, 'content-type': 'application/octet-stream' };
    const { ok } = await fetch('/api/folders/root/files?name=letter.txt', { method: 'PUT', body: 'hello', headers });
    if (!ok) throw new Error('no letter');
  });
  await frame.evaluate(() => {
    const text = document.body.appendChild(document.createElement('textarea'));
    text.addEventListener('keydown', (event) => {
      if (event.key === 'p') void window.ask('HANABI_PICK_FILE', { scope: 'user', accepts: ['txt'] });
    });
  });
  await page.frameLocator('iframe[title="probe-one"]').getByRole('textbox').click();
  return frame;
}

/** What the module was told of the files that it asked for. */
const told = (frame: Frame) =>
  frame.evaluate(() => window.heard.filter(({ type }) => type === 'HANABI_PICK_FILE_RESULT').map(({ data }) => data));

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'probe-one asks for a file' });

test('keys that were meant for a module grant nothing, held or not', async ({ page }) => {
  const frame = await typingModule(page);
  const dialog = dialogOf(page);
  const open = dialog.getByRole('button', { name: 'Open' });
  await page.keyboard.press('p');
  // Enter is held from before the dialog is there until long after it began to take answers.
  await page.keyboard.down('Enter');
  await expect(dialog.getByRole('option').first()).toBeVisible();
  for (let count = 0; count < 20; count += 1) await page.keyboard.down('Enter');
  await expect(open).toHaveAttribute('aria-disabled', 'false');
  for (let count = 0; count < 20; count += 1) await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  // And so is somebody who goes on typing.
  await page.keyboard.type('letter.txt');
  for (const key of ['Enter', 'ArrowDown', 'Enter', ' ', 'Enter']) await page.keyboard.press(key);
  await expect(dialog).toBeVisible();
  expect(await told(frame)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect.poll(() => told(frame)).toEqual([{ file: null }]);
});

test('a held Enter leads to the button and does not press it', async ({ page }) => {
  const frame = await typingModule(page);
  const dialog = dialogOf(page);
  await page.keyboard.press('p');
  // Files come after all folders, and only what is in view is in the page.
  await dialog.getByRole('option').first().click();
  await page.keyboard.type('letter.txt');
  const letter = dialog.getByRole('option', { name: 'letter.txt' });
  await expect(letter).toBeFocused();
  await expect(dialog.getByRole('button', { name: 'Open' })).toHaveAttribute('aria-disabled', 'false');
  await page.keyboard.down('Enter');
  await expect(dialog.getByRole('button', { name: 'Open' })).toBeFocused();
  for (let count = 0; count < 20; count += 1) await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  await expect(dialog).toBeVisible();
  expect(await told(frame)).toEqual([]);
  // Pressed anew, it is an answer.
  await page.keyboard.press('Enter');
  await expect.poll(() => told(frame)).toMatchObject([{ file: { name: 'letter.txt' } }]);
});

test('a file is chosen by keyboard alone', async ({ page }) => {
  const frame = await typingModule(page);
  const dialog = dialogOf(page);
  await page.keyboard.press('p');
  await expect(dialog.getByRole('option').first()).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('letter.txt');
  const letter = dialog.getByRole('option', { name: 'letter.txt' });
  await expect(letter).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Open' })).toBeFocused();
  await expect(dialog.getByRole('button', { name: 'Open' })).toHaveAttribute('aria-disabled', 'false');
  await page.keyboard.press('Enter');
  await expect.poll(() => told(frame)).toMatchObject([{ file: { name: 'letter.txt' } }]);
});

test('a window has one question at a time, which goes away with the window', async ({ page }) => {
  const frame = await typingModule(page);
  await page.keyboard.press('p');
  await expect(dialogOf(page)).toBeVisible();
  const second = await ask(frame, 'HANABI_PICK_FILE', { scope: 'user' });
  expect(second.error).toMatchObject({ code: 'HANABI-Q002' });
  await frame.evaluate(() => {
    location.href = 'elsewhere.html';
  });
  await expect(page.getByText('probe-one was stopped')).toBeVisible();
  await expect(dialogOf(page)).toHaveCount(0);
});
