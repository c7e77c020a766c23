/** What the browser’s console shows to whoever looks: in ordinary use the server refuses nothing. */
import { expect, openModule, signIn, test } from './harness/house.ts';

test('from the first page to the sign-out no request is refused', async ({ page, server }) => {
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400) refused.push(`${response.status()} ${response.request().method()} ${response.url()}`);
  });
  await signIn(page, server);
  await openModule(page, 'probe-one');
  await page.getByRole('button', { name: 'Account of admin' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  await page.waitForLoadState('networkidle');
  // The page that comes after asks again who is signed in.
  await page.reload();
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  expect(refused).toEqual([]);
});
