/** The console of administrators in a real browser. */
import { expect, inEachView, signIn, startProgram, test } from './harness/house.ts';
import { violations, violationsInEachLook } from './harness/violations.ts';

const PARTS = ['Accounts', 'Modules', 'Audit', 'Jobs', 'Health'];

test('an administrator invites, changes a role, sets a quota, disables, grants and reads the record', async ({
  page,
  browser,
  server,
}) => {
  await signIn(page, server);
  await startProgram(page, 'Administration');
  const desk = page.getByRole('dialog', { name: 'Administration', exact: true });
  await desk.getByLabel('Whom it is for').fill('Yuki');
  await desk.getByLabel('Role', { exact: true }).selectOption('developer');
  await desk.getByRole('button', { name: 'Make an invitation' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(desk.getByText('Developer Yuki')).toBeVisible();

  const theirs = await browser.newContext();
  const guest = await theirs.newPage();
  await guest.goto(link);
  await guest.getByLabel('Name').fill('Yuki');
  await guest.getByLabel('New password').fill('four lanterns over water');
  await guest.keyboard.press('Enter');
  await expect(guest.getByRole('button', { name: 'Account of Yuki' })).toBeVisible();
  // Who is none does not find the console.
  await guest.getByRole('button', { name: 'Start', exact: true }).click();
  await guest.getByRole('combobox', { name: 'Search programs' }).fill('Administration');
  await expect(guest.getByText('Nothing is called “Administration”.')).toBeVisible();

  await desk.getByRole('tab', { name: 'Accounts' }).click();
  await expect(desk.getByLabel('Role of Yuki')).toHaveValue('developer');
  await desk.getByLabel('Role of Yuki').selectOption('user');
  await desk.getByRole('button', { name: 'Quota of Yuki' }).click();
  await page.getByLabel('Room for files, in MiB').fill('100');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await expect(desk.getByText(/of 100 MiB used/)).toBeVisible();
  await desk.getByRole('button', { name: 'Disable Yuki' }).click();
  await page.getByRole('dialog', { name: 'Disable' }).getByRole('button', { name: 'Disable' }).click();
  await expect(desk.getByRole('button', { name: 'Enable Yuki' })).toBeVisible();
  await expect(guest.getByRole('dialog', { name: 'Please sign in again' })).toBeVisible();
  await theirs.close();

  await desk.getByLabel('Role of admin').selectOption('user');
  await expect(desk.getByText('HANABI-A014')).toBeVisible();
  await page.keyboard.press('Escape');

  await desk.getByRole('tab', { name: 'Modules' }).click();
  await desk.getByText('probe-works').click();
  await desk.getByLabel('jobs.schedule of probe-works').selectOption('denied');
  await desk.getByRole('tab', { name: 'Audit' }).click();
  await expect(desk.getByRole('row', { name: /grant\.set.*probe-works.*jobs\.schedule/ })).toBeVisible();
  // Other tests need it.
  await desk.getByRole('tab', { name: 'Modules' }).click();
  await desk.getByText('probe-works').click();
  await desk.getByLabel('jobs.schedule of probe-works').selectOption('default');
  await desk.getByRole('tab', { name: 'Audit' }).click();
  await expect(desk.getByRole('row', { name: /grant\.set.*probe-works.*jobs\.schedule/ })).toHaveCount(2);
  await desk.getByLabel('Contains').fill('yuki');
  await page.keyboard.press('Enter');
  await expect(desk.getByRole('row', { name: /account\.disable/ })).toBeVisible();
  await expect(desk.getByRole('row', { name: /grant\.set/ })).toHaveCount(0);
  const download = page.waitForEvent('download');
  await desk.getByRole('link', { name: 'Export CSV' }).click();
  expect((await download).suggestedFilename()).toBe('audit-decisions.csv');
  // By keyboard from tab to tab.
  await desk.getByRole('tab', { name: 'Audit' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(desk.getByRole('tab', { name: 'Jobs' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(desk.getByText('SQLite')).toBeVisible();
});

inEachView(() => {
  test('the console is accessible', async ({ page, server }, info) => {
    await signIn(page, server);
    await startProgram(page, 'Administration');
    for (const part of PARTS) {
      await page.getByRole('tab', { name: part }).click();
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
      await page.screenshot({ path: info.outputPath(`${part}.png`) });
      expect(await violationsInEachLook(page), part).toEqual([]);
    }
  });
});
