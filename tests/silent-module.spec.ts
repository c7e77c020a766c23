/** A module whose page does not answer: the person hears of it, can go on, wait or close, and nothing else stops. */
import type { Frame, Page } from '@playwright/test';
import { expect, openModule, signIn, startProgram, test } from './harness/house.ts';
import { violations } from './harness/violations.ts';

/**
 * Stops the page in the middle of its program, as one that computes without an end but without taking the processor from
 * everything else; gives back what lets it go on. What Playwright asks it meanwhile is answered afterwards.
 */
async function hold(frame: Frame): Promise<() => Promise<void>> {
  const devtools = await frame.page().context().newCDPSession(frame);
  await devtools.send('Debugger.enable');
  const held = new Promise((resolve) => devtools.once('Debugger.paused', resolve));
  void devtools.send('Runtime.evaluate', { expression: 'debugger' }).catch(() => undefined);
  await held;
  return async () => void (await devtools.send('Debugger.resume'));
}

async function openReady(page: Page): Promise<Frame> {
  const frame = await openModule(page, 'probe-drop');
  // The page has the port once its `ready()` has been answered.
  await frame.waitForFunction(() => 'told' in window);
  return frame;
}

const silent = (page: Page) => page.getByRole('group', { name: 'probe-drop does not answer' });

test('a page that stands still is reported, and the report goes when it answers again', async ({ page, server }) => {
  await signIn(page, server);
  const frame = await openReady(page);
  await page.locator('iframe').focus();
  const goOn = await hold(frame);
  await expect(silent(page)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('alert')).toContainText('probe-drop does not answer');
  // Keys would have gone to a page that hears none.
  await expect(page.getByRole('button', { name: 'Wait' })).toBeFocused();
  expect(await violations(page)).toEqual([]);
  // The desktop itself goes on.
  await startProgram(page, 'File Explorer');
  await expect(page.getByRole('dialog', { name: /File Explorer/ })).toBeVisible();
  await goOn();
  await expect(silent(page)).toHaveCount(0, { timeout: 30_000 });
});

test('one that never does again can be waited for and closed by keyboard, and opens anew', async ({ page, server }) => {
  await signIn(page, server);
  const frame = await openReady(page);
  await page.locator('iframe').focus();
  await hold(frame);
  await expect(page.getByRole('button', { name: 'Wait' })).toBeFocused({ timeout: 30_000 });
  await page.keyboard.press('Enter');
  await expect(silent(page)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Wait' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Wait' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'probe-drop' })).toHaveCount(0);
  await openReady(page);
});
