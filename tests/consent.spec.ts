/** Consent in a real browser: what is asked, how it is answered, what it opens, and how it is taken back. */
import type { Frame, Page } from '@playwright/test';
import { expect, inEachView, openModule, signIn, startProgram, test } from './harness/house.ts';
import { ask, listen } from './harness/probe-client.ts';
import { violations, violationsInEachLook } from './harness/violations.ts';

const LIST_ALL = { folderId: 'root' };
const question = (page: Page, name: string) => page.getByRole('dialog', { name: `May ${name} do this?` });
const permissions = (page: Page) => page.getByRole('dialog', { name: 'Permissions', exact: true });

/** Sends a request that the person has to be asked about, and does not wait for its answer. */
async function begin(frame: Frame, type: string, payload: Record<string, unknown>): Promise<void> {
  await frame.evaluate(([name, data]) => void window.ask(name, data), [type, payload] as const);
}

const answers = (frame: Frame) => frame.evaluate(() => window.heard.map(({ ok, error }) => error?.code ?? ok));

test.beforeEach(async ({ page, server }) => {
  await signIn(page, server);
});

test('the first use asks, yes is kept, and taking it back works in the open window', async ({ page }) => {
  const frame = await openModule(page, 'probe-asks');
  await listen(frame);
  await begin(frame, 'HANABI_FS_LIST', LIST_ALL);
  // The same question twice is one.
  await begin(frame, 'HANABI_FS_STAT', LIST_ALL);
  const dialog = question(page, 'probe-asks');
  await expect(dialog.getByText('Read all of your files')).toBeVisible();
  await expect(dialog.getByText('It looks for lanterns in all your pictures')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  // Its first moments take no yes: a key or a click may have been meant for something else.
  const allow = dialog.getByRole('button', { name: 'Allow', exact: true });
  await page.keyboard.press('Enter');
  await page.keyboard.press('Space');
  await expect(dialog).toBeVisible();
  await expect(allow).toHaveAttribute('aria-disabled', 'false');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  expect(await answers(frame)).toEqual([]);
  await allow.click();
  await expect.poll(() => answers(frame)).toEqual([true, true]);
  await expect(dialog).toHaveCount(0);

  await startProgram(page, 'Permissions');
  const take = permissions(page).getByRole('button', { name: /^Take back from probe-asks: Read all of your files/ });
  await expect(take).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await take.click();
  await expect(
    permissions(page).getByRole('button', { name: /^Allow probe-asks: Read all of your files/ }),
  ).toBeVisible();
  // A no of the person's stands: nobody is asked again.
  expect((await ask(frame, 'HANABI_FS_LIST', LIST_ALL)).error).toMatchObject({ code: 'HANABI-P003' });
  await expect(question(page, 'probe-asks')).toHaveCount(0);
  await permissions(page)
    .getByRole('button', { name: /^Take back from probe-asks: Show you notifications/ })
    .click();
  await expect.poll(async () => (await ask(frame, 'HANABI_NOTIFY', { message: 'x' })).error?.code).toBe('HANABI-P002');
});

test('“Not now” is a no for this window, and a closed window takes its question with it', async ({ page }) => {
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  await begin(frame, 'HANABI_FS_LIST', LIST_ALL);
  await question(page, 'probe-one').getByRole('button', { name: 'Not now' }).click();
  await expect.poll(() => answers(frame)).toEqual(['HANABI-P003']);
  expect((await ask(frame, 'HANABI_FS_LIST', LIST_ALL)).error).toMatchObject({ code: 'HANABI-P003' });
  const second = await openModule(page, 'probe-one');
  await listen(second);
  await begin(second, 'HANABI_FS_LIST', LIST_ALL);
  await expect(question(page, 'probe-one')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect.poll(() => answers(second)).toEqual(['HANABI-P003']);
  await page.reload();
  const third = await openModule(page, 'probe-one');
  await listen(third);
  await begin(third, 'HANABI_FS_LIST', LIST_ALL);
  await expect(question(page, 'probe-one')).toBeVisible();
  // The page runs away from under its question.
  await third.evaluate(() => location.reload());
  await expect(question(page, 'probe-one')).toHaveCount(0);
});

/** What the browser lets the page do. */
const opened = (frame: Frame) =>
  frame.evaluate(() => {
    let gamepad = true;
    try {
      navigator.getGamepads();
    } catch {
      gamepad = false;
    }
    return { fullscreen: document.fullscreenEnabled, gamepad };
  });

test('pieces of the browser are asked for before the page loads, open exactly, and close with the window', async ({
  page,
}) => {
  const known = new Set(page.frames());
  await startProgram(page, 'probe-browser');
  const dialog = question(page, 'probe-browser');
  await expect(dialog.getByRole('listitem')).toHaveCount(3);
  expect(page.frames().every((frame) => known.has(frame))).toBe(true);
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await expect.poll(() => page.frames().some((frame) => frame.url().includes('/probe-browser/'))).toBe(true);
  const closed = page.frames().find((frame) => frame.url().includes('/probe-browser/'))!;
  await closed.waitForLoadState('load');
  expect(await opened(closed)).toEqual({ fullscreen: false, gamepad: false });
  await page.getByRole('dialog', { name: 'probe-browser' }).getByRole('button', { name: 'Close', exact: true }).click();

  await startProgram(page, 'Permissions');
  await permissions(page)
    .getByRole('button', { name: /^Allow probe-browser: Fill the whole screen/ })
    .click();
  await expect(
    permissions(page).getByRole('button', { name: /^Take back from probe-browser: Fill the whole screen/ }),
  ).toBeVisible();
  await startProgram(page, 'probe-browser');
  await dialog.getByRole('button', { name: 'Do not allow' }).click();
  await expect.poll(() => page.frames().some((frame) => frame.url().includes('/probe-browser/'))).toBe(true);
  const half = page.frames().find((frame) => frame.url().includes('/probe-browser/'))!;
  await half.waitForLoadState('load');
  expect(await opened(half)).toEqual({ fullscreen: true, gamepad: false });
  await startProgram(page, 'Permissions');
  await permissions(page)
    .getByRole('button', { name: /^Take back from probe-browser: Fill the whole screen/ })
    .click();
  await expect(page.getByText('probe-browser was stopped')).toBeVisible();
});

inEachView(() => {
  test('the permissions are accessible', async ({ page }, info) => {
    await startProgram(page, 'Permissions');
    await expect(
      permissions(page)
        .getByText('Draw with', { exact: false })
        .or(permissions(page).getByText('probe-asks', { exact: true })),
    ).toBeVisible();
    await page.screenshot({ path: info.outputPath('permissions.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    const frame = await openModule(page, 'probe-one');
    await listen(frame);
    await begin(frame, 'HANABI_FS_LIST', LIST_ALL);
    await expect(question(page, 'probe-one')).toBeVisible();
    await page.screenshot({ path: info.outputPath('consent.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });
});
