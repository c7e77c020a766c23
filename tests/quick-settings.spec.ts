/** The quick settings, and the language of whoever has not signed in yet. */
import { expect, signIn, test } from './harness/house.ts';
import { violations } from './harness/violations.ts';

test('theme, contrast and language change in passing, and the ways out of it lead on', async ({ page, server }) => {
  await signIn(page, server);
  const root = page.locator('html');
  const button = page.getByRole('button', { name: 'Quick settings and account of admin' });
  await button.click();
  const panel = page.getByRole('dialog', { name: 'Quick settings' });
  await expect(panel.getByRole('heading', { name: 'admin' })).toBeFocused();
  await expect(panel.getByText('Administrator')).toBeVisible();
  await expect(panel.getByText(/used/)).toBeVisible();
  await panel.getByRole('radio', { name: 'Dark' }).check();
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await panel.getByRole('switch', { name: 'High contrast' }).check();
  await expect(root).toHaveAttribute('data-more-contrast', '');
  expect(await violations(page)).toEqual([]);
  await panel.getByRole('switch', { name: 'High contrast' }).uncheck();
  await panel.getByRole('radio', { name: 'As the system' }).check();
  await panel.getByRole('radio', { name: '日本語' }).check();
  await expect(root).toHaveAttribute('lang', 'ja');
  await page.getByRole('radio', { name: 'ブラウザー' }).check();
  await expect(root).toHaveAttribute('lang', 'en');
  await page.keyboard.press('Escape');
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  await panel.getByRole('button', { name: 'Wallpaper and colours' }).click();
  await expect(page.getByRole('dialog', { name: 'Settings' }).getByRole('radio', { name: 'Waves' })).toBeVisible();
  await expect(panel).toHaveCount(0);
});

test('the sign-in page speaks another language, and an account without one takes it over', async ({ page, server }) => {
  await page.goto(server.url);
  await page.getByRole('combobox', { name: 'Language' }).selectOption('日本語');
  await expect(page.getByRole('button', { name: 'サインイン', exact: true })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.reload();
  await page.getByRole('combobox', { name: '言語' }).selectOption('English');
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await page.getByRole('combobox', { name: 'Language' }).selectOption('日本語');
  await page.getByLabel('名前').fill('other');
  await page.getByLabel('パスワード', { exact: true }).fill('other');
  await page.getByRole('button', { name: 'サインイン', exact: true }).click();
  await expect(page.getByRole('button', { name: 'スタート', exact: true })).toBeVisible();
  await page.getByRole('button', { name: /other のアカウント/ }).click();
  await expect(page.getByRole('radio', { name: '日本語' })).toBeChecked();
  await page.getByRole('radio', { name: 'English' }).check();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

test.describe('a browser that prefers Japanese', () => {
  test.use({ locale: 'ja-JP' });

  test('is greeted in it', async ({ page, server }) => {
    await page.goto(server.url);
    await expect(page.getByRole('button', { name: 'サインイン', exact: true })).toBeVisible();
  });
});
