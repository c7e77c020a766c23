/** Signing in through another service in a real browser: connected under Account first, refused before and after. */
import { test as base } from '@playwright/test';
import { freePort } from '../apps/server/test/harness/free-port.ts';
import { CLIENT, type RunningProvider, startProvider } from '../apps/server/test/harness/oidc-provider.ts';
import { type RunningServer, startServer } from '../apps/server/test/harness/start-server.ts';
import { expect, signIn, startProgram } from './harness/house.ts';
import { violations } from './harness/violations.ts';

const test = base.extend<object, { house: { provider: RunningProvider; server: RunningServer } }>({
  house: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names it takes from the pattern
    async ({}, use) => {
      const port = await freePort();
      const provider = await startProvider(`http://127.0.0.1:${port}/api/oidc/return`);
      const server = await startServer({
        env: {
          HANABI_PORT: String(port),
          HANABI_OIDC_ISSUER: provider.issuer,
          HANABI_OIDC_CLIENT_ID: CLIENT.client_id,
          HANABI_OIDC_CLIENT_SECRET: CLIENT.client_secret,
          HANABI_OIDC_NAME: 'Festival',
        },
      });
      await use({ provider, server });
      await server.stop();
      await provider.stop();
    },
    { scope: 'worker' },
  ],
});

test('an account elsewhere is connected, signs in, and is disconnected', async ({ page, house }, info) => {
  const { provider, server } = house;
  provider.account = { sub: 'f-1', preferred_username: 'admin', email: 'admin@example.net' };
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Continue with Festival' }).click();
  await expect(page.getByText('HANABI-A018')).toBeVisible();
  expect(page.url()).toBe(`${server.url}/`);
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: info.outputPath('refused.png') });

  await signIn(page, server);
  await startProgram(page, 'Account');
  await page.getByRole('button', { name: 'Connect with Festival' }).click();
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeVisible();
  await startProgram(page, 'Account');
  await expect(page.getByRole('button', { name: 'Disconnect admin' })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: info.outputPath('account.png') });

  const signOut = async () => {
    await page.getByRole('button', { name: 'Account of admin' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
  };
  await signOut();
  await page.getByRole('button', { name: 'Continue with Festival' }).click();
  await expect(page.getByRole('button', { name: 'Account of admin' })).toBeVisible();
  await startProgram(page, 'Account');
  await page.getByRole('button', { name: 'Disconnect admin' }).click();
  await expect(page.getByRole('button', { name: 'Disconnect admin' })).toHaveCount(0);
  await signOut();
  await page.getByRole('button', { name: 'Continue with Festival' }).click();
  await expect(page.getByText('HANABI-A018')).toBeVisible();
});
