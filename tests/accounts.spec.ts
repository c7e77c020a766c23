/** Accounts in a real browser: invitations, the second factor, sessions, and signing in again to confirm. */
import { DESKTOP_PATHS, type NewInvitation } from '@hanabi/protocol';
import { codeOf } from '../apps/server/test/harness/authenticator.ts';
import { Desktop } from '../apps/server/test/harness/desktop.ts';
import type { RunningServer } from '../apps/server/test/harness/start-server.ts';
import { expect, inEachView, signInAnew, startProgram, test } from './harness/house.ts';
import { violations, violationsInEachLook } from './harness/violations.ts';

const PASSWORD = 'four lanterns over water';
const { admin, account } = DESKTOP_PATHS;

async function invite(server: RunningServer): Promise<string> {
  const desktop = await Desktop.signIn(server.url);
  const made = await desktop.send('POST', `${admin}/invitations`, { role: 'user' });
  return ((await made.json()) as NewInvitation).token;
}

test('an invitation makes an account, and its secret does not stay in the address', async ({ page, server }) => {
  await page.goto(`${server.url}/#invitation=${await invite(server)}`);
  await expect(page.getByRole('heading', { name: 'Your new account' })).toBeVisible();
  expect(page.url()).toBe(`${server.url}/`);
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Name').fill('Hana');
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByRole('alert')).toContainText('at least 10 characters');
  await page.getByLabel('New password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Account of Hana' })).toBeVisible();
  await page.getByRole('button', { name: 'Account of Hana' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
});

test('a link that does not work says so', async ({ page, server }) => {
  await page.goto(`${server.url}/#invitation=${'x'.repeat(43)}`);
  await expect(page.getByText('HANABI-A007')).toBeVisible();
  await page.getByRole('button', { name: 'Go to the sign-in' }).click();
  await expect(page.getByLabel('Name')).toBeVisible();
});

test('the second factor is set up, asked for, and turned off', async ({ page, server }) => {
  await page.goto(`${server.url}/#invitation=${await invite(server)}`);
  await page.getByLabel('Name').fill('Kaito');
  await page.getByLabel('New password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Account of Kaito' }).click();
  await page.getByRole('dialog', { name: 'Quick settings' }).getByRole('button', { name: 'Account' }).click();
  const window = page.getByRole('dialog', { name: 'Account', exact: true });
  await window.getByRole('button', { name: 'Set up an authenticator app' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set up your authenticator app' });
  await expect(dialog.getByRole('img', { name: /QR code/ })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const secret = (await dialog.locator('code').first().textContent())!.replaceAll(' ', '');
  await dialog.getByLabel('Code that the app shows now').fill('12345');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('HANABI-A009')).toBeVisible();
  await dialog.getByLabel('Code that the app shows now').fill(await codeOf(secret));
  await page.keyboard.press('Enter');
  const codes = page.getByRole('dialog', { name: 'Your recovery codes' });
  await expect(codes.getByRole('listitem')).toHaveCount(10);
  expect(await violations(page)).toEqual([]);
  const recovery = await codes.getByRole('listitem').allTextContents();
  await codes.getByRole('button', { name: 'I have kept them' }).click();
  await expect(window.getByText('10 recovery codes are left')).toBeVisible();

  await page.getByRole('button', { name: 'Account of Kaito' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Name').fill('kaito');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Code', { exact: true })).toBeFocused();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await expect(page.getByText('HANABI-A009')).toBeVisible();
  await page.getByLabel('Code', { exact: true }).fill(await codeOf(secret, 1));
  await page.keyboard.press('Enter');
  await startProgram(page, 'Account');
  await window.getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('dialog', { name: 'Turn off' }).getByRole('button', { name: 'Turn off' }).click();
  await expect(window.getByRole('button', { name: 'Set up an authenticator app' })).toBeVisible();
  expect(recovery.every((code) => /^[0-9a-z]{4}(-[0-9a-z]{4}){3}$/.test(code.trim()))).toBe(true);
});

test('a person proves again who they are before something that decides over the account', async ({ page, server }) => {
  await signInAnew(page, server);
  await startProgram(page, 'Account');
  const window = page.getByRole('dialog', { name: 'Account', exact: true });
  // The server says so once the last proof is ten minutes old; here it says so now, as it does then.
  let asked = 0;
  await page.route(`**${account}/password`, async (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
    const error = { code: 'HANABI-A010', category: 'PERMISSION_DENIED', message: 'Please confirm that it is you' };
    return route.fulfill({ status: 403, json: { error } });
  });
  await window.getByLabel('New password').fill('correct horse battery staple');
  await window.getByRole('button', { name: 'Change the password' }).click();
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  expect(await violations(page)).toEqual([]);
  await dialog.getByLabel('Password', { exact: true }).fill('not it');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('HANABI-A002')).toBeVisible();
  await dialog.getByLabel('Password', { exact: true }).fill('correct horse battery staple');
  await page.keyboard.press('Enter');
  await expect(window.getByText('The password is changed.')).toBeVisible();
  await expect(dialog).toHaveCount(0);
});

test('sessions are listed, and another browser is signed out', async ({ page, browser, server }) => {
  const other = await browser.newContext();
  const there = await other.newPage();
  await signInAnew(there, server);
  await signInAnew(page, server);
  await startProgram(page, 'Account');
  const window = page.getByRole('dialog', { name: 'Account', exact: true });
  await expect(window.getByText('This window', { exact: true })).toHaveCount(1);
  expect(await violations(page)).toEqual([]);
  await window.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(window.getByText('This window', { exact: true })).toBeVisible();
  await expect(window.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
  await expect(there.getByRole('dialog', { name: 'Please sign in again' })).toBeVisible();
  await other.close();
});

inEachView(() => {
  test('the account is accessible', async ({ page, server }, info) => {
    await page.goto(`${server.url}/#invitation=${await invite(server)}`);
    await expect(page.getByRole('heading', { name: 'Your new account' })).toBeVisible();
    await page.screenshot({ path: info.outputPath('invitation.png') });
    await page.goto('about:blank');
    await signInAnew(page, server);
    await startProgram(page, 'Account');
    await expect(page.getByText('This window', { exact: true })).toBeVisible();
    await page.screenshot({ path: info.outputPath('account.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
    await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
    await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
    await page.screenshot({ path: info.outputPath('totp.png') });
    expect(await violationsInEachLook(page)).toEqual([]);
  });
});

test('a passkey is made, signs in without a password, confirms, and is removed', async ({ page, server }) => {
  const local = server.url.replace('127.0.0.1', 'localhost');
  const devices = await page.context().newCDPSession(page);
  await devices.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
  } as const;
  const { authenticatorId } = await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await page.goto(`${local}/#invitation=${await invite(server)}`);
  await page.getByLabel('Name').fill('Ren');
  await page.getByLabel('New password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await startProgram(page, 'Account');
  const window = page.getByRole('dialog', { name: 'Account', exact: true });
  await window.getByLabel('What you want to call it').fill('Lantern');
  await window.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(window.getByText('Lantern', { exact: true })).toBeVisible();
  await expect(window.getByText(/for localhost · not used yet/)).toBeVisible();
  expect(await violations(page)).toEqual([]);

  const signOut = async () => {
    await page.getByRole('button', { name: 'Account of Ren' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
  };
  await signOut();
  await page.getByRole('button', { name: 'Use a passkey', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Account of Ren' })).toBeVisible();

  // An answer that was used is worth nothing, and neither is one that was made for another address.
  const sent = page.waitForRequest((request) => request.url().endsWith('/api/session/passkey'));
  await signOut();
  await page.getByRole('button', { name: 'Use a passkey', exact: true }).click();
  const proof = (await sent).postDataJSON() as unknown;
  const replayed = await page.request.post(`${local}/api/session/passkey`, { data: proof });
  expect(await replayed.json()).toMatchObject({ error: { code: 'HANABI-A016' } });

  await startProgram(page, 'Account');
  let asked = 0;
  await page.route(`**${account}/passkeys/*`, async (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
    const error = { code: 'HANABI-A010', category: 'PERMISSION_DENIED', message: 'Please confirm that it is you' };
    return route.fulfill({ status: 403, json: { error } });
  });
  await window.getByRole('button', { name: 'Remove the passkey Lantern' }).click();
  await page.getByRole('dialog', { name: 'Remove' }).getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Use a passkey instead' }).click();
  await expect(window.getByText('Lantern', { exact: true })).toHaveCount(0);
  expect((await devices.send('WebAuthn.getCredentials', { authenticatorId })).credentials).toHaveLength(1);
  await signOut();
  await page.getByRole('button', { name: 'Use a passkey', exact: true }).click();
  await expect(page.getByText('HANABI-A016')).toBeVisible();
});
