/** A module in a browser window of its own: the same checks, the same desktop behind it, and the way back. */
import type { Frame, Page } from '@playwright/test';
import { expect, openModule, signIn, test } from './harness/house.ts';
import { ask, listen } from './harness/probe-client.ts';
import { violations } from './harness/violations.ts';

const windowOf = (page: Page, name: string) => page.getByRole('dialog', { name });

async function popOut(page: Page, name: string): Promise<Page> {
  await page.getByRole('button', { name: `Window menu of ${name}` }).click();
  const opened = page.waitForEvent('popup');
  await page.getByRole('menuitem', { name: 'Begin anew in a browser window' }).click();
  return opened;
}

async function frameOf(popup: Page): Promise<Frame> {
  await expect.poll(() => popup.frames().some((frame) => frame.url().includes('/runtime/modules/'))).toBe(true);
  const frame = popup.frames().find((candidate) => candidate.url().includes('/runtime/modules/'))!;
  await frame.waitForLoadState('load');
  await listen(frame);
  return frame;
}

test('a popped out module is checked and answered as in the desktop, and comes back when it is closed', async ({
  page,
  server,
}) => {
  await signIn(page, server);
  await openModule(page, 'probe-asks-apart');
  const popup = await popOut(page, 'probe-asks-apart');
  await expect(page.locator('iframe')).toHaveCount(0);
  await expect(page.getByText('probe-asks-apart is shown in a browser window of its own')).toBeVisible();
  expect(await violations(page)).toEqual([]);

  const frame = await frameOf(popup);
  await expect(popup).toHaveTitle('probe-asks-apart');
  expect(await ask(frame, 'HANABI_READY')).toMatchObject({ ok: true, data: { id: 'probe-asks-apart' } });
  expect(await ask(frame, 'HANABI_DATA_LIST_COLLECTIONS')).toMatchObject({ error: { code: 'HANABI-P001' } });
  // What only the person can allow is asked where they look.
  const listed = ask(frame, 'HANABI_FS_LIST', { folderId: 'root' });
  const question = popup.getByRole('dialog');
  await expect(question).toContainText('It looks for lanterns in all your pictures');
  expect(await violations(popup)).toEqual([]);
  await question.getByRole('button', { name: 'Not now' }).click();
  expect(await listed).toMatchObject({ ok: false });
  // What belongs to the desktop happens there.
  expect(await ask(frame, 'HANABI_NOTIFY', { message: 'from afar' })).toMatchObject({ ok: true });
  await expect(page.getByTestId('toasts').getByText('from afar')).toBeVisible();

  await popup.reload();
  await frameOf(popup);
  await popup.close();
  await expect(windowOf(page, 'probe-asks-apart').locator('iframe')).toBeVisible();
});

test('a browser window whose page cannot be had says so, and is tried again', async ({ page, server, context }) => {
  await signIn(page, server);
  await openModule(page, 'probe-one');
  await context.route('**/popout-page-*.js', (route) => route.abort('connectionrefused'));
  const popup = await popOut(page, 'probe-one');
  await expect(popup.getByText('HANABI-V011')).toBeVisible();
  await context.unroute('**/popout-page-*.js');
  await popup.getByRole('button', { name: 'Try again' }).click();
  await frameOf(popup);
});

test('a browser window goes with the window of the desktop, and with the desktop', async ({ page, server }) => {
  await signIn(page, server);
  await openModule(page, 'probe-one');
  const first = await popOut(page, 'probe-one');
  await frameOf(first);
  const gone = first.waitForEvent('close');
  await windowOf(page, 'probe-one').getByRole('button', { name: 'Close', exact: true }).click();
  await gone;

  await openModule(page, 'probe-one');
  const second = await popOut(page, 'probe-one');
  await frameOf(second);
  const goneToo = second.waitForEvent('close');
  await page.reload();
  await goneToo;
  await expect(windowOf(page, 'probe-one').locator('iframe')).toBeVisible();
  expect(await page.evaluate(() => sessionStorage.getItem('hanabi.popout'))).toBeNull();
});
