/** The Start menu of somebody who types faster than the server answers. */
import { expect, signIn, test } from './harness/house.ts';

test('Enter before the list of programs is there starts the program when it comes', async ({ page, server }) => {
  let answer!: () => void;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/api/modules', async (route) => {
    await asked;
    await route.continue();
  });
  await signIn(page, server);
  await page.keyboard.press('Control+Space');
  await page.keyboard.type('probe-one');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The list of programs is on its way…')).toBeVisible();
  answer();
  await expect(page.locator('iframe[title="probe-one"]')).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Search programs' })).toHaveCount(0);
});
