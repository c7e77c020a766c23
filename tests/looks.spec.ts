/**
 * No window of the desktop breaks a rule that a machine can check, however one looks at it: in light and dark, with more
 * contrast, and with the colours of the system. The list of windows is the Start menu: what is added there is looked at.
 */
import type { Locator, Page } from '@playwright/test';
import { Desktop } from '../apps/server/test/harness/desktop.ts';
import { expect, openModule, signIn, startProgram, test } from './harness/house.ts';
import { listen } from './harness/probe-client.ts';
import { violations } from './harness/violations.ts';

type Look = Parameters<Page['emulateMedia']>[0];
const LOOKS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  'light with more contrast': { colorScheme: 'light', contrast: 'more' },
  'dark with more contrast': { colorScheme: 'dark', contrast: 'more' },
  'forced light colours': { colorScheme: 'light', forcedColors: 'active' },
  'forced dark colours': { colorScheme: 'dark', forcedColors: 'active' },
} satisfies Record<string, Look>;

// Half transparent in the middle of fading in, everything has too little contrast.
test.use({ viewport: { width: 1280, height: 800 }, contextOptions: { reducedMotion: 'reduce' } });

/** A look changes nothing but colours, so that one look is enough for all other rules. */
async function expectAccessible(page: Page, what: string, within?: string): Promise<void> {
  for (const [name, look] of Object.entries(LOOKS)) {
    await page.emulateMedia({ contrast: 'no-preference', forcedColors: 'none', ...look });
    expect
      .soft(await violations(page, name === 'light' ? undefined : 'color-contrast', within), `${what} in ${name}`)
      .toEqual([]);
  }
}

/** What stands in the Start menu, modules and their actions left out. */
async function programsOf(page: Page): Promise<string[]> {
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const options = page.getByRole('option').locator('.name');
  await expect(options.getByText('Settings', { exact: true })).toBeVisible();
  await expect(options.getByText('probe-one')).toBeVisible();
  const names = await options.allTextContents();
  await page.keyboard.press('Escape');
  return names.slice(0, names.indexOf('Review') + 1);
}

async function tabsOf(window: Locator): Promise<Locator[]> {
  const tabs = await window.getByRole('tab').all();
  return tabs.length > 0 ? tabs : [window.getByRole('heading').first()];
}

test('every window', async ({ page, server }) => {
  test.setTimeout(600_000);
  const desktop = await Desktop.signIn(server.url);
  await desktop.upload('Summer.txt', new TextEncoder().encode('warm'));
  await signIn(page, server);
  await expectAccessible(page, 'the desktop');
  const programs = await programsOf(page);
  expect(programs.length).toBeGreaterThan(12);
  for (const program of programs) {
    await startProgram(page, program);
    const window = page.getByRole('dialog', { name: new RegExp(program) });
    await expect(window.getByRole('heading').first()).toBeVisible();
    for (const tab of await tabsOf(window)) {
      await tab.click();
      await expectAccessible(page, `${program}, ${await tab.textContent()}`, '[data-window="front"]');
    }
    await window.getByRole('button', { name: 'Close', exact: true }).first().click();
  }
});

test('what stands before the desktop', async ({ page, server }) => {
  await page.goto(server.url);
  await expect(page.getByLabel('Name')).toBeVisible();
  await expectAccessible(page, 'the sign-in page');
  await page.goto(`${server.url}/#invitation=no-such-invitation-token-00000000000000000`);
  await page.reload();
  await expectAccessible(page, 'an invitation');
});

test('panels, menus and questions', async ({ page, server }) => {
  test.setTimeout(300_000);
  await signIn(page, server);
  for (const [button, panel] of [
    ['Start', 'Start menu'],
    [/^Notifications/, 'Notifications'],
    [/^Quick settings/, 'Quick settings'],
  ] as const) {
    await page.getByRole('button', { name: button }).click();
    await expect(page.getByRole('dialog', { name: panel })).toBeVisible();
    await expectAccessible(page, panel);
    await page.keyboard.press('Escape');
  }
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await expectAccessible(page, 'keyboard help');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Trash', exact: true }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Icons' }).hover();
  await expectAccessible(page, 'a menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  const desk = await openModule(page, 'probe-asks-in-looks');
  await listen(desk);
  void desk.evaluate(() => window.ask('HANABI_FS_LIST', { folderId: 'root' }));
  await expect(page.getByRole('button', { name: 'Allow', exact: true })).toBeVisible();
  await expectAccessible(page, 'the question for a permission');
  await page.keyboard.press('Escape');
});

test('the colours of the system hold against a theme that the person has chosen', async ({ page, server }) => {
  await signIn(page, server);
  await page.getByRole('button', { name: /^Quick settings/ }).click();
  await page.getByRole('radio', { name: 'Dark' }).check();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.emulateMedia(LOOKS['forced light colours']);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('radio', { name: 'As the system' }).check();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
});
