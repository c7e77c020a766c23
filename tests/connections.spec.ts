/** Connections in the Account window: added, tried, lent to a module, and allowed to spend money. */
import { BYBIT_KEY, BYBIT_SECRET, bybitServer } from '../apps/server/test/harness/bybit-server.ts';
import { type RunningServer, startServer } from '../apps/server/test/harness/start-server.ts';
import { TELEGRAM_TOKEN, telegramServer } from '../apps/server/test/harness/telegram-server.ts';
import { expect, inEachView, signIn, startProgram, test as base } from './harness/house.ts';
import { violationsInEachLook } from './harness/violations.ts';

interface World {
  server: RunningServer;
  telegram: string;
  bybit: string;
}

const test = base.extend<object, { world: World }>({
  world: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names it takes from the pattern
    async ({}, use) => {
      const [telegram, bybit] = await Promise.all([telegramServer(), bybitServer()]);
      const server = await startServer({ env: { HANABI_NETWORK_ALLOW_PRIVATE: `${telegram.origin} ${bybit.origin}` } });
      await use({ server, telegram: telegram.origin, bybit: bybit.origin });
      await server.stop();
      await Promise.all([telegram.close(), bybit.close()]);
    },
    { scope: 'worker' },
  ],
});

inEachView(() => {
  test('a connection is added, tried, lent and removed', async ({ page, world }, info) => {
    await signIn(page, world.server);
    await startProgram(page, 'Account');
    const section = page.getByRole('region', { name: 'Connections' });
    await section.getByRole('button', { name: 'Add a connection' }).click();
    // By keyboard from here: the choice of the service has the focus.
    const form = page.getByRole('dialog', { name: 'Add a connection' });
    await expect(form.getByLabel('Service')).toBeFocused();
    await page.keyboard.press('Tab');
    await page.keyboard.type('my bot');
    await page.keyboard.press('Tab');
    await page.keyboard.type('not a token');
    await form.getByLabel('Address').fill(world.telegram);
    await page.keyboard.press('Enter');
    await expect(form.getByRole('alert')).toHaveText('Token: this does not look like one.');
    await page.screenshot({ path: info.outputPath('form.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await form.getByLabel('Token').fill(TELEGRAM_TOKEN);
    await page.keyboard.press('Enter');
    await expect(form).toHaveCount(0);
    const item = section.getByRole('listitem').filter({ hasText: 'my bot' });
    await expect(item).toContainText('Token …9-Zq');
    await item.getByRole('button', { name: 'Test my bot' }).click();
    await expect(item.getByRole('status')).toHaveText('It works. @lantern_bot');
    await item.getByLabel('Price Alert').check();
    await expect(item.getByLabel('Price Alert')).toBeEnabled();
    await page.reload();
    await startProgram(page, 'Account');
    await expect(item.getByLabel('Price Alert')).toBeChecked();
    expect(await page.content()).not.toContain(TELEGRAM_TOKEN);
    await item.getByRole('button', { name: 'Edit my bot' }).click();
    const edit = page.getByRole('dialog', { name: 'Edit my bot' });
    await edit.getByLabel('What you want to call it').fill('lantern');
    await edit.getByRole('button', { name: 'Save' }).click();
    await expect(edit).toHaveCount(0);
    const renamed = section.getByRole('listitem').filter({ hasText: 'lantern' });
    await renamed.getByRole('button', { name: 'Remove the connection lantern' }).click();
    await page.getByRole('dialog', { name: 'Remove' }).getByRole('button', { name: 'Remove' }).click();
    await expect(renamed).toHaveCount(0);
  });

  test('orders are allowed up to limits, and stopped', async ({ page, world }, info) => {
    await signIn(page, world.server);
    await startProgram(page, 'Account');
    const section = page.getByRole('region', { name: 'Connections' });
    await section.getByRole('button', { name: 'Add a connection' }).click();
    const form = page.getByRole('dialog', { name: 'Add a connection' });
    await form.getByLabel('Service').selectOption('Bybit');
    await form.getByLabel('What you want to call it').fill('exchange');
    await form.getByLabel('Key', { exact: true }).fill(BYBIT_KEY);
    await form.getByLabel('Secret').fill(BYBIT_SECRET);
    await form.getByLabel('Address').fill(world.bybit);
    await page.keyboard.press('Enter');
    const item = section.getByRole('listitem').filter({ hasText: 'exchange' });
    await expect(item).toContainText('It places no orders.');
    await item.getByRole('button', { name: 'Trading with exchange' }).click();
    const trading = page.getByRole('dialog', { name: 'Trading with exchange' });
    await trading.getByLabel('At most for one order').fill('50');
    await trading.getByLabel('At most in a day').fill('20');
    await page.keyboard.press('Enter');
    await expect(trading.getByRole('alert')).toHaveText('A day has to allow at least one order.');
    await page.screenshot({ path: info.outputPath('trading.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await trading.getByLabel('At most in a day').fill('200');
    await page.keyboard.press('Enter');
    await expect(trading).toHaveCount(0);
    await expect(item).toContainText('Orders up to 50 USDT each, 200 USDT a day. Spent today: 0 USDT.');
    await section.scrollIntoViewIfNeeded();
    await page.screenshot({ path: info.outputPath('section.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await item.getByRole('button', { name: 'Stop trading with exchange' }).click();
    await expect(item).toContainText('It places no orders.');
    await item.getByRole('button', { name: 'Remove the connection exchange' }).click();
    await page.getByRole('dialog', { name: 'Remove' }).getByRole('button', { name: 'Remove' }).click();
    await expect(item).toHaveCount(0);
  });
});
