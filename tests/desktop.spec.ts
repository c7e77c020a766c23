/** The desktop as a person arranges it: languages, appearance, keys, windows, and what modules may do to it. */
import { DEFAULT_PREFERENCES, DESKTOP_PATHS } from '@hanabi/protocol';
import { Desktop } from '../apps/server/test/harness/desktop.ts';
import { expect, openModule, signIn, startProgram, test } from './harness/house.ts';
import { listen } from './harness/probe-client.ts';
import { violations } from './harness/violations.ts';

// One server for the file, and one person: what a test has changed the next one finds, unless it is put back.
test.describe.configure({ mode: 'serial' });
test.afterAll(async ({ server }) => {
  const desktop = await Desktop.signIn(server.url);
  const back = await desktop.send('PATCH', DESKTOP_PATHS.preferences, DEFAULT_PREFERENCES);
  expect(back.status).toBe(200);
});

test('appearance and language change at once, and are there before anything else after a reload', async ({
  page,
  server,
}) => {
  await signIn(page, server);
  await startProgram(page, 'Settings');
  const root = page.locator('html');
  await page.getByRole('radio', { name: 'Dark' }).check();
  await page.getByRole('radio', { name: 'Waves' }).check();
  await page.getByRole('switch', { name: 'High contrast' }).check();
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('tab', { name: 'Language' }).click();
  await page.getByRole('radio', { name: '日本語' }).check();
  await expect(page.getByRole('dialog', { name: '設定' })).toBeVisible();
  await expect(root).toHaveAttribute('lang', 'ja');
  await page.reload();
  await expect(page.getByRole('button', { name: 'スタート', exact: true })).toBeVisible();
  await expect(root).toHaveAttribute('data-more-contrast', '');
  // The window is where it was.
  await expect(page.getByRole('dialog', { name: '設定' })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('tab', { name: '言語' }).click();
  await page.getByRole('radio', { name: 'English' }).check();
  await page.getByRole('tab', { name: 'Appearance' }).click();
  await page.getByRole('switch', { name: 'High contrast' }).uncheck();
  await page.getByRole('radio', { name: 'As the system' }).check();
  await expect(root).toHaveAttribute('data-theme', 'light');
});

test('keys can be changed, and no two things have the same', async ({ page, server }) => {
  await signIn(page, server);
  await startProgram(page, 'Settings');
  await page.getByRole('tab', { name: 'Keyboard' }).click();
  const change = page.getByRole('button', { name: 'Change the keys of: Close the window' });
  await change.click();
  await page.keyboard.press('Alt+T');
  await expect(page.getByText('These keys belong to: Go to the taskbar')).toBeVisible();
  await page.keyboard.press('Control+Alt+X');
  await expect(page.getByText('Close the window: Ctrl + Alt + X')).toBeVisible();
  await page.keyboard.press('Alt+W');
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  await page.keyboard.press('Control+Alt+X');
  await expect(page.getByRole('dialog', { name: 'Settings' })).toHaveCount(0);
});

test('windows fill halves by mouse and keys, and desktops are apart', async ({ page, server }) => {
  await signIn(page, server);
  await startProgram(page, 'File Explorer');
  const window = page.getByRole('dialog', { name: /File Explorer/ });
  const width = async () => (await window.boundingBox())!.width;
  const own = await width();
  const bar = (await window.getByRole('heading', { level: 2 }).boundingBox())!;
  await page.mouse.move(bar.x + 40, bar.y + 8);
  await page.mouse.down();
  await page.mouse.move(2, 300, { steps: 6 });
  await page.mouse.up();
  await expect.poll(width).toBe(640);
  await page.keyboard.press('Alt+Shift+ArrowUp');
  await expect.poll(async () => (await window.boundingBox())!.height).toBeLessThan(400);
  await page.keyboard.press('Alt+Shift+ArrowDown');
  await page.keyboard.press('Alt+Shift+ArrowRight');
  await expect.poll(width).toBe(own);
  await page.keyboard.press('Alt+Shift+PageDown');
  await expect(page.getByRole('button', { name: 'Desktop 2 of 2' })).toBeVisible();
  await expect(window).not.toBeVisible();
  await page.keyboard.press('Alt+Shift+PageUp');
  await expect(window).toBeVisible();
});

test('a module counts on its button, pins itself and changes the wallpaper, if the person lets it', async ({
  page,
  server,
}) => {
  await signIn(page, server);
  const frame = await openModule(page, 'probe-desk');
  await listen(frame);
  await frame.evaluate(() => window.ask('HANABI_SET_BADGE', { count: 120 }));
  const task = page.getByRole('button', { name: 'probe-desk, 120 new' });
  await expect(task).toContainText('99+');
  const asked = frame.evaluate(() => window.ask('HANABI_DESKTOP_SHORTCUT', { label: 'Pinned probe' }));
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await asked;
  await expect(page.getByRole('button', { name: 'Pinned probe' })).toBeVisible();
  const personalised = frame.evaluate(() => window.ask('HANABI_DESKTOP_PERSONALIZE', { theme: 'dark' }));
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await personalised;
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await frame.evaluate(() => window.ask('HANABI_DESKTOP_PERSONALIZE', { theme: 'system' }));
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  // The window covers it.
  await page.getByRole('button', { name: 'Minimise' }).click();
  await page.getByRole('button', { name: 'Pinned probe' }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Remove the shortcut' }).click();
  await expect(page.getByRole('button', { name: 'Pinned probe' })).toHaveCount(0);
});

test('every part of the settings is accessible, also on a phone', async ({ page, server }) => {
  await signIn(page, server);
  await startProgram(page, 'Settings');
  for (const size of [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ]) {
    await page.setViewportSize(size);
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      expect(await violations(page), `${await tab.textContent()} at ${size.width}`).toEqual([]);
    }
  }
});

test.describe('without the server', () => {
  test.use({ serviceWorkers: 'allow' });

  test('the page opens, says so, and keeps nothing of the person', async ({ page, server, context }) => {
    await signIn(page, server);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeVisible();
    const kept = await page.evaluate(async () => {
      const requests = await Promise.all((await caches.keys()).map(async (key) => (await caches.open(key)).keys()));
      return requests.flat().map(({ url }) => new URL(url).pathname);
    });
    expect(kept).toContain('/');
    expect(kept.filter((path) => path !== '/' && !path.startsWith('/assets/'))).toEqual([]);
    await context.setOffline(true);
    await page.reload();
    await expect(page.getByText('Your server does not answer')).toBeVisible();
    await expect(page.getByText('HANABI-V011')).toBeVisible();
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeVisible();
  });
});
