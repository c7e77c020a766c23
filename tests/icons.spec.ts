/** The icons of the desktop stay where the person puts them. */
import type { Locator, Page } from '@playwright/test';
import { DESKTOP_PATHS } from '@hanabi/protocol';
import { expect, signIn, test } from './harness/house.ts';

test.use({ viewport: { width: 1280, height: 800 } });

// One server for the file: the next test finds the icons in their rows.
test.afterEach(async ({ page }) => {
  await arrange(page, 'Align to the grid');
  await arrange(page, 'Sort into rows');
});

const trash = (page: Page) => page.getByRole('button', { name: 'Trash', exact: true });
const explorer = (page: Page) => page.getByRole('button', { name: 'File Explorer', exact: true });

async function centre(icon: Locator): Promise<{ x: number; y: number }> {
  const box = (await icon.boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function drag(page: Page, icon: Locator, dx: number, dy: number): Promise<void> {
  const { x, y } = await centre(icon);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx / 2, y + dy / 2);
  await page.mouse.move(x + dx, y + dy);
  const kept = page.waitForResponse((answer) => answer.url().endsWith(DESKTOP_PATHS.preferences));
  await page.mouse.up();
  await kept;
}

async function arrange(page: Page, choice: string): Promise<void> {
  await page
    .getByRole('main')
    .locator('.desktop')
    .click({ button: 'right', position: { x: 900, y: 690 } });
  await page.getByRole('menuitem', { name: 'Icons' }).hover();
  const kept = page.waitForResponse((answer) => answer.url().endsWith(DESKTOP_PATHS.preferences));
  await page.getByRole('menu', { name: 'Icons' }).getByText(choice).click();
  await kept;
}

test('dragged they keep to the grid, or not, and are there after a reload', async ({ page, server }) => {
  await signIn(page, server);
  const first = await centre(trash(page));
  const neighbour = await centre(explorer(page));
  await drag(page, trash(page), 330, 150);
  const aligned = await centre(trash(page));
  expect((aligned.x - first.x) % 108).toBe(0);
  expect((aligned.y - first.y) % 104).toBe(0);
  expect(aligned.x).toBeGreaterThan(first.x + 200);
  // Nothing else has moved.
  expect(await centre(explorer(page))).toEqual(neighbour);

  await arrange(page, 'Place freely');
  await drag(page, trash(page), 37, 19);
  const free = await centre(trash(page));
  expect(Math.round(free.x - aligned.x)).toBe(37);
  await page.reload();
  await expect.poll(() => centre(trash(page))).toEqual(free);

  await arrange(page, 'Sort into rows');
  await expect.poll(() => centre(trash(page))).toEqual(first);
});

test('keys move the one that has the focus, and walk to the nearest', async ({ page, server }) => {
  await signIn(page, server);
  const first = await centre(trash(page));
  await trash(page).focus();
  const kept = page.waitForResponse((answer) => answer.url().endsWith(DESKTOP_PATHS.preferences));
  for (let step = 0; step < 5; step += 1) await page.keyboard.press('Control+ArrowRight');
  await kept;
  await expect.poll(async () => (await centre(trash(page))).x).toBeGreaterThan(first.x + 300);
  await expect(page.getByText(/^Trash: column \d+, row \d+$/)).toBeAttached();
  await expect(trash(page)).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(trash(page)).not.toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(trash(page)).toBeFocused();
});

test('a screen that is smaller brings all of them within reach, and a larger one again as they were', async ({
  page,
  server,
}) => {
  await signIn(page, server);
  await drag(page, trash(page), 900, 500);
  const large = await centre(trash(page));
  await page.setViewportSize({ width: 760, height: 560 });
  await expect(trash(page)).toBeInViewport({ ratio: 0.9 });
  const icons = page.getByRole('list', { name: 'Programs on the desktop' }).getByRole('button');
  // There are more of them than a small screen has room for.
  const reachAll = async () => {
    for (const icon of await icons.all()) {
      await icon.scrollIntoViewIfNeeded();
      await expect(icon).toBeInViewport({ ratio: 0.9 });
    }
  };
  await reachAll();
  await page.setViewportSize({ width: 390, height: 844 });
  await reachAll();
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect.poll(() => centre(trash(page))).toEqual(large);
});

test.describe('by finger', () => {
  test.use({ hasTouch: true });

  type TouchType = 'touchStart' | 'touchMove' | 'touchEnd' | 'touchCancel';

  /** A finger that goes down on an icon and carries it to the right; it is still down. */
  async function carry(page: Page, from: { x: number; y: number }) {
    const hand = await page.context().newCDPSession(page);
    const touch = (type: TouchType, ...touchPoints: { x: number; y: number }[]) =>
      hand.send('Input.dispatchTouchEvent', { type, touchPoints });
    await touch('touchStart', from);
    for (let step = 1; step <= 5; step += 1) await touch('touchMove', { x: from.x + step * 100, y: from.y });
    return touch;
  }

  test('a tap opens an icon, and a drag only moves it', async ({ page, server }) => {
    await signIn(page, server);
    await trash(page).tap();
    await expect(page.getByRole('dialog', { name: /Trash/ })).toBeVisible();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    const from = await centre(trash(page));
    const touch = await carry(page, from);
    const kept = page.waitForResponse((answer) => answer.url().endsWith(DESKTOP_PATHS.preferences));
    await touch('touchEnd');
    await kept;
    await expect.poll(async () => (await centre(trash(page))).x).toBeGreaterThan(from.x + 200);
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });

  test('a gesture that the system takes over leaves the icon where it was', async ({ page, server }) => {
    await signIn(page, server);
    const from = await centre(trash(page));
    const touch = await carry(page, from);
    await expect.poll(async () => (await centre(trash(page))).x).toBeGreaterThan(from.x + 200);
    await touch('touchCancel');
    await expect.poll(() => centre(trash(page))).toEqual(from);
  });
});
