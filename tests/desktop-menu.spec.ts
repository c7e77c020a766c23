/** The menu of the empty desktop, and what it makes: it all lies on the desktop afterwards. */
import type { Page } from '@playwright/test';
import { DESKTOP_PATHS, type DesktopContent } from '@hanabi/protocol';
import { Desktop } from '../apps/server/test/harness/desktop.ts';
import { chooseFiles } from './harness/file-chooser.ts';
import { expect, test } from './harness/house.ts';
import { Keyboard } from './harness/keyboard.ts';
import { signInAs } from './harness/portal.ts';
import { violations } from './harness/violations.ts';

test.use({ viewport: { width: 1280, height: 800 }, contextOptions: { reducedMotion: 'reduce' } });

// On the desktop of a user whose files no other test looks at; it is the same for the next one.
test.afterEach(async ({ server }) => {
  const desktop = await Desktop.signIn(server.url, 'other', 'other');
  const { folders, files } = (await (await desktop.send('GET', DESKTOP_PATHS.desktop)).json()) as DesktopContent;
  const items = [...folders.map(({ id }) => ({ folder_id: id })), ...files.map(({ id }) => ({ file_id: id }))];
  await desktop.send('POST', `${DESKTOP_PATHS.items}/trash`, { items });
});

const icon = (page: Page, name: string) =>
  page.getByRole('list', { name: 'Programs on the desktop' }).getByRole('button', { name, exact: true });
const menu = (page: Page) => page.getByRole('menu', { name: 'Desktop menu' });
const item = (page: Page, name: string) => menu(page).getByRole('menuitem', { name, exact: true });
const letter = { name: 'invitation.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear') };

test('a right click makes folders, brings files and shows where they lie', async ({ page, server }) => {
  await signInAs(page, server, 'other');
  const rightClick = () =>
    page
      .getByRole('main')
      .locator('.desktop')
      .click({ button: 'right', position: { x: 600, y: 300 } });
  await rightClick();
  await expect(item(page, 'Paste')).toHaveAttribute('aria-disabled', 'true');
  expect(await violations(page)).toEqual([]);
  await item(page, 'New folder').click();
  await page.getByLabel('Name of the folder').fill('Lanterns');
  await page.keyboard.press('Enter');
  await expect(icon(page, 'Lanterns')).toBeFocused();

  await rightClick();
  await chooseFiles(page, () => item(page, 'Upload files').click(), letter);
  await expect(icon(page, 'invitation.txt')).toBeVisible();
  const explorer = page.getByRole('dialog', { name: / – File Explorer$/ });
  await expect(explorer.getByText('1 file uploaded')).toBeVisible();

  // What was copied elsewhere is pasted here.
  await explorer.getByRole('button', { name: 'Documents' }).click();
  await explorer.getByRole('button', { name: 'New folder' }).click();
  await page.getByLabel('Name of the folder').fill('Plans');
  await page.keyboard.press('Enter');
  await expect(explorer.locator('[data-entry]', { hasText: 'Plans' })).toBeFocused();
  await page.keyboard.press('Control+C');
  await explorer.getByRole('button', { name: 'Close', exact: true }).click();
  await rightClick();
  await item(page, 'Paste').click();
  await expect(icon(page, 'Plans')).toBeVisible();

  await rightClick();
  await item(page, 'Open as a folder').click();
  await expect(explorer.locator('[data-entry]')).toHaveCount(3);
});

test('keys open it where nothing has the focus, and behind the icons', async ({ page, server }) => {
  await signInAs(page, server, 'other');
  await page
    .getByRole('main')
    .locator('.desktop')
    .click({ position: { x: 600, y: 300 } });
  await page.keyboard.press('Shift+F10');
  await expect(item(page, 'New folder')).toBeFocused();
  await page.keyboard.press('Escape');
  const keys = new Keyboard(page);
  const button = page.getByRole('button', { name: 'Desktop menu' });
  await keys.use(button);
  await page.keyboard.type('wal');
  await keys.press('ArrowRight');
  await expect(page.getByRole('menuitemradio', { name: 'Fireworks' })).toHaveAttribute('aria-checked', 'true');
  await keys.press('Escape');
  await page.keyboard.press('Home');
  await keys.press('Enter');
  await expect(page.getByLabel('Name of the folder')).toBeFocused();
  await page.keyboard.type('By keys');
  await keys.press('Enter');
  await expect(icon(page, 'By keys')).toBeFocused();
});

test('files of the computer are dropped on it', async ({ page, server }) => {
  await signInAs(page, server, 'other');
  const transfer = await page.evaluateHandle(() => {
    const brought = new DataTransfer();
    brought.items.add(new File(['Hello'], 'dropped.txt', { type: 'text/plain' }));
    return brought;
  });
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.locator('.ground').dispatchEvent(type, { dataTransfer: transfer });
  }
  await expect(icon(page, 'dropped.txt')).toBeVisible();
});

test.describe('by finger', () => {
  test.use({ hasTouch: true });

  test('a long press opens it', async ({ page, server }) => {
    await signInAs(page, server, 'other');
    const hand = await page.context().newCDPSession(page);
    await hand.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: 600, y: 300 }] });
    await expect(item(page, 'New folder')).toBeFocused();
    await hand.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await expect(menu(page)).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await item(page, 'New folder').tap();
    await expect(page.getByRole('dialog', { name: 'New folder' })).toBeVisible();
  });
});
