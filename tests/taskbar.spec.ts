/** The taskbar when there are more windows than it has room for. */
import { expect, signIn, startProgram, test } from './harness/house.ts';

test('on a phone the button of the active window is in sight', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, server);
  const tasks = page.getByRole('list', { name: 'Open windows' }).getByRole('button');
  for (let count = 1; count <= 6; count += 1) {
    await startProgram(page, 'File Explorer');
    await expect(tasks).toHaveCount(count);
  }
  await expect(tasks.last()).toHaveAttribute('aria-pressed', 'true');
  await expect(tasks.last()).toBeInViewport({ ratio: 0.9 });
  await expect(tasks.first()).not.toBeInViewport();
  for (let back = 0; back < 5; back += 1) await page.keyboard.press('Shift+F6');
  await expect(tasks.first()).toHaveAttribute('aria-pressed', 'true');
  await expect(tasks.first()).toBeInViewport({ ratio: 0.9 });
});

test('the button of a window has the menu of the window, by mouse and by key', async ({ page, server }) => {
  await signIn(page, server);
  await startProgram(page, 'File Explorer');
  const window = page.getByRole('dialog', { name: 'File Explorer' });
  const task = page.getByRole('list', { name: 'Open windows' }).getByRole('button');
  const menu = page.getByRole('menu', { name: /^Window menu of/ });
  await task.click({ button: 'right' });
  await menu.getByRole('menuitem', { name: 'Minimise' }).click();
  await expect(window).toBeHidden();
  await task.focus();
  await page.keyboard.press('ContextMenu');
  await expect(menu.getByRole('menuitem', { name: 'Minimise' })).toHaveCount(0);
  await menu.getByRole('menuitem', { name: 'Show' }).press('Enter');
  await expect(window).toBeVisible();
  await window.getByRole('heading', { name: 'File Explorer' }).click({ button: 'right' });
  await menu.getByRole('menuitem', { name: 'Close' }).click();
  await expect(task).toHaveCount(0);
});
