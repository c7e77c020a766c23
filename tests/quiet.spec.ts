/** What does not happen: in ordinary use the server refuses nothing, and a desktop that is left alone does nothing. */
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

test('a desktop that is left alone moves nothing, and the sign-in page ends its fireworks', async ({
  page,
  server,
}) => {
  const moving = () => page.evaluate(() => document.getAnimations().length);
  await page.goto(server.url);
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  expect(
    await page.evaluate(() => document.getAnimations().map(({ effect }) => effect!.getTiming().iterations)),
  ).not.toContain(Infinity);
  await signIn(page, server);
  await openModule(page, 'probe-one');
  await expect.poll(moving).toBe(0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.getByRole('button', { name: 'Account of admin' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  expect(await moving()).toBe(0);
});
