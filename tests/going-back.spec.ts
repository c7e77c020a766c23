/** On a telephone the way back of the system closes what is on top, and leaves the desktop only when nothing is open. */
import type { Page } from '@playwright/test';
import { expect, openModule, signIn, startProgram, test } from './harness/house.ts';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

const step = (page: Page) => page.evaluate(() => (history.state as { hanabi_step?: number } | null)?.hanabi_step ?? 0);

/** As the gesture does; what changes nothing about the address is no navigation that could be waited for. */
const goBack = (page: Page) => page.evaluate(() => history.back());

test('menus, panels, dialogs and windows go one after the other, and then the desktop', async ({ page, server }) => {
  await page.goto('about:blank');
  await signIn(page, server);
  const explorer = page.getByRole('dialog', { name: /File Explorer/ });
  const module = page.getByRole('dialog', { name: 'probe-one' });
  await startProgram(page, 'File Explorer');
  await openModule(page, 'probe-one');
  await expect.poll(() => step(page)).toBe(2);

  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const start = page.getByRole('dialog', { name: 'Start menu' });
  await expect(start).toBeVisible();
  await goBack(page);
  await expect(start).toHaveCount(0);

  await page.getByRole('button', { name: 'Window menu of probe-one' }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  await goBack(page);
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(module).toBeVisible();

  await goBack(page);
  await expect(module).toBeHidden();
  await expect(explorer).toBeVisible();
  await goBack(page);
  await expect(explorer).toBeHidden();
  await expect.poll(() => step(page)).toBe(0);
  // What was put aside is still there.
  await expect(page.locator('iframe')).toHaveCount(1);
  await page.goBack();
  expect(page.url()).toBe('about:blank');
});

test('what is closed by hand leaves nothing in the history, and a reload changes nothing', async ({ page, server }) => {
  await signIn(page, server);
  const before = await page.evaluate(() => history.length);
  for (let round = 0; round < 4; round += 1) {
    await startProgram(page, 'File Explorer');
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await expect.poll(() => step(page)).toBe(0);
  }
  // One entry lies ahead, where the last window was; there is none for each that was ever opened.
  expect(await page.evaluate(() => history.length)).toBe(before + 1);
  await startProgram(page, 'File Explorer');
  await startProgram(page, 'Settings');
  const settings = page.getByRole('dialog', { name: 'Settings' });
  await expect.poll(() => step(page)).toBe(2);
  await page.reload();
  await expect(settings).toBeVisible();
  await expect.poll(() => step(page)).toBe(2);
  await goBack(page);
  await expect(settings).toBeHidden();
  await expect(page.getByRole('dialog', { name: /File Explorer/ })).toBeVisible();
  await page.goForward();
  await expect.poll(() => step(page)).toBe(1);
});
