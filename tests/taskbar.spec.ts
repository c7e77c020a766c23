/** The taskbar when there are more windows than it has room for. */
import { expect, signIn, startProgram, test } from './harness/house.ts';

test.use({ viewport: { width: 390, height: 844 } });

test('on a phone the button of the active window is in sight', async ({ page, server }) => {
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
