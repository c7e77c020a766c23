/** Every journey of the other tests once by keyboard alone; File Explorer’s own keys are in explorer.spec.ts. */
import type { Locator } from '@playwright/test';
import { ADMIN_PASSWORD } from '../apps/server/test/harness/start-server.ts';
import { chooseFiles } from './harness/file-chooser.ts';
import { expect, openModule, signIn, test } from './harness/house.ts';
import { Keyboard } from './harness/keyboard.ts';
import { packageFile } from './harness/portal.ts';
import { ask, listen } from './harness/probe-client.ts';

test.use({ viewport: { width: 1280, height: 800 } });

const hasFocus = (window: Locator) => window.evaluate((element) => element.contains(document.activeElement));

test('signing in, the panels of the taskbar, and out again', async ({ page, server }) => {
  const keys = new Keyboard(page);
  await page.goto(server.url);
  await expect(page.getByLabel('Name')).toBeFocused();
  await keys.type('admin');
  await keys.fill(page.getByLabel('Password', { exact: true }), ADMIN_PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeVisible();

  // The form that had the focus is gone.
  await expect(page.getByRole('button', { name: 'File Explorer', exact: true })).toBeFocused();
  await keys.press('ArrowDown');
  await expect(page.getByRole('button', { name: 'Trash', exact: true })).toBeFocused();
  await keys.press('Shift+F10');
  await expect(page.getByRole('menuitem', { name: 'Open' })).toBeFocused();
  await keys.press('Escape');
  await keys.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await keys.press('Escape');
  await expect(page.getByRole('button', { name: 'Trash', exact: true })).toBeFocused();

  const quick = page.getByRole('button', { name: /^Quick settings/ });
  await keys.use(quick);
  const panel = page.getByRole('dialog', { name: 'Quick settings' });
  await keys.tabTo(panel.getByRole('radio', { name: 'As the system' }));
  await keys.press('ArrowDown');
  await expect(panel.getByRole('radio', { name: 'Light' })).toBeChecked();
  await keys.press('ArrowUp');
  await expect(panel.getByRole('radio', { name: 'As the system' })).toBeChecked();
  await keys.press('Escape');
  await expect(quick).toBeFocused();
  await keys.press('Enter');
  await keys.use(panel.getByRole('button', { name: 'Sign out' }));
  await expect(page.getByLabel('Name')).toBeFocused();
});

test('a permission is asked for and given, and a notification read and cleared', async ({ page, server }) => {
  await signIn(page, server);
  const keys = new Keyboard(page);
  const frame = await openModule(page, 'probe-asks-by-keys');
  await listen(frame);
  await ask(frame, 'HANABI_NOTIFY', { message: 'The lantern is lit' });
  const asked = frame.evaluate(() => window.ask('HANABI_FS_LIST', { folderId: 'root' }));
  const allow = page.getByRole('button', { name: 'Allow', exact: true });
  await expect(allow).toHaveAttribute('aria-disabled', 'false');
  await keys.use(allow);
  await asked;
  await expect(page.getByRole('dialog', { name: 'May probe-asks-by-keys do this?' })).toHaveCount(0);
  await keys.press('F6');

  await keys.use(page.getByRole('button', { name: /^Notifications/ }));
  const centre = page.getByRole('dialog', { name: 'Notifications' });
  await expect(centre.getByText('The lantern is lit')).toBeVisible();
  await keys.use(centre.getByRole('button', { name: 'Clear all' }));
  await expect(centre.getByText('Nothing new')).toBeVisible();
  await keys.press('Escape');
  await expect(page.getByRole('button', { name: /^Notifications/ })).toBeFocused();
});

test('files are uploaded, renamed, moved, thrown away and brought back', async ({ page, server }) => {
  await signIn(page, server);
  const keys = new Keyboard(page);
  const explorer = await keys.start('File Explorer');
  await keys.tabTo(explorer.getByRole('button', { name: 'Upload files' }).first(), 'Shift+Tab');
  const letter = { name: 'zz-letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear') };
  await chooseFiles(page, () => page.keyboard.press('Enter'), letter);
  const file = (name: string) => explorer.getByRole('option', { name }).or(explorer.getByRole('row', { name })).first();
  await expect(file('zz-letter.txt')).toBeVisible();
  await keys.tabTo(
    explorer.getByRole('option', { selected: true }).or(explorer.locator('[data-entry][tabindex="0"]')).first(),
  );
  await keys.press('End');
  await expect(file('zz-letter.txt')).toBeFocused();
  await keys.press('F2');
  await page.keyboard.press('Control+A');
  await keys.type('zz-card.txt');
  await keys.press('Enter');
  await expect(file('zz-card.txt')).toBeFocused();
  await keys.press('Alt+n');
  await keys.type('zz-box');
  await keys.press('Enter');
  await expect(file('zz-box')).toBeFocused();
  await keys.press('End');
  await keys.press('Control+x');
  await keys.type('zz-b');
  await expect(file('zz-box')).toBeFocused();
  await keys.press('Enter');
  await expect(explorer.getByText('This folder is empty')).toBeVisible();
  await keys.press('Control+v');
  await expect(file('zz-card.txt')).toBeFocused();
  await keys.press('Delete');
  await expect(explorer.getByText('This folder is empty')).toBeVisible();
  await keys.press('Control+z');
  await expect(file('zz-card.txt')).toBeVisible();
});

test('windows are snapped, moved, cycled, minimised and closed', async ({ page, server }) => {
  await signIn(page, server);
  const keys = new Keyboard(page);
  const settings = await keys.start('Settings');
  const jobs = await keys.start('Jobs');
  const box = async () => (await jobs.boundingBox())!;
  await keys.press('Alt+Shift+ArrowLeft');
  await expect.poll(async () => (await box()).width).toBe(640);
  await keys.press('F6');
  await expect.poll(() => hasFocus(settings)).toBe(true);
  await keys.press('F6');
  await expect.poll(() => hasFocus(jobs)).toBe(true);
  await keys.press('Alt+Shift+ArrowRight');
  // From the left half it comes back to where it was.
  await expect.poll(async () => (await box()).x).toBeGreaterThan(48);
  const { x } = await box();
  await keys.press('Alt+m');
  await page.keyboard.type('mo');
  await expect(page.getByRole('menuitem', { name: 'Move with the arrow keys' })).toBeFocused();
  await keys.press('Enter');
  await expect.poll(() => hasFocus(jobs)).toBe(true);
  await keys.press('ArrowLeft');
  await keys.press('ArrowLeft');
  await keys.press('Enter');
  await expect.poll(async () => (await box()).x).toBe(x - 2 * 24);
  // From now on the arrows are the page’s again.
  await keys.press('ArrowLeft');
  expect((await box()).x).toBe(x - 2 * 24);
  await keys.press('Alt+w');
  await expect(jobs).toHaveCount(0);
  await expect.poll(() => hasFocus(settings)).toBe(true);
  await keys.use(page.getByRole('button', { name: 'Settings', exact: true }));
  await expect(settings).not.toBeVisible();
  await keys.press('Enter');
  await expect(settings).toBeVisible();
});

test('settings are walked through and changed', async ({ page, server }) => {
  await signIn(page, server);
  const keys = new Keyboard(page);
  const settings = await keys.start('Settings');
  await keys.tabTo(settings.getByRole('tab', { name: 'Appearance' }));
  await keys.press('ArrowDown');
  await expect(settings.getByRole('tab', { name: 'Language' })).toBeFocused();
  await keys.press('ArrowDown');
  const quiet = settings.getByRole('switch', { name: 'Quiet' });
  await keys.use(quiet, 'Space');
  await expect(quiet).toBeChecked();
  await keys.press('Space');
  await expect(quiet).not.toBeChecked();
});

test('a module is brought, submitted, approved, installed, opened and removed', async ({ page, server }) => {
  await signIn(page, server);
  const keys = new Keyboard(page);
  const portal = await keys.start('Developer Portal');
  await keys.tabTo(portal.getByRole('button', { name: 'Choose a package' }));
  await chooseFiles(
    page,
    () => page.keyboard.press('Enter'),
    await packageFile({ id: 'keyed-lanterns', permissions: ['data.store'], manifest: { name: 'Keyed Lanterns' } }),
  );
  const lanterns = portal.getByRole('region', { name: 'Keyed Lanterns' });
  await keys.use(lanterns.getByRole('button', { name: 'Submit', exact: true }));
  const submit = page.getByRole('dialog', { name: /^Submit Keyed/ });
  await keys.fill(submit.getByLabel('A note to the reviewer'), 'By keys');
  await keys.use(submit.getByRole('button', { name: 'Submit' }));
  await expect(lanterns.getByText('in review')).toBeVisible();

  const review = await keys.start('Review');
  await keys.use(review.getByRole('button', { name: 'Keyed Lanterns 1.0.0' }));
  await keys.fill(review.getByLabel('Note to the developer'), 'Welcome');
  await keys.use(review.getByRole('button', { name: 'Approve' }));
  await expect(review.getByText('Nothing waits.')).toBeVisible();

  const store = await keys.start('Module Store');
  await keys.fill(store.getByLabel('Search modules'), 'keyed');
  await keys.use(store.getByRole('button', { name: 'Keyed Lanterns', exact: true }));
  await keys.use(store.getByRole('button', { name: 'Install Keyed Lanterns' }));
  const question = page.getByRole('dialog', { name: 'Install Keyed Lanterns' });
  await keys.use(question.getByRole('button', { name: 'Install' }));
  await keys.use(store.getByRole('button', { name: 'Open Keyed Lanterns' }));
  const opened = page.getByRole('dialog', { name: 'Keyed Lanterns', exact: true });
  await expect(opened).toBeVisible();
  await keys.press('Shift+F6');
  await keys.use(store.getByRole('button', { name: 'Remove Keyed Lanterns' }));
  await keys.use(page.getByRole('dialog', { name: 'Remove Keyed Lanterns' }).getByRole('button', { name: 'Remove' }));
  await expect(store.getByRole('button', { name: 'Install Keyed Lanterns' })).toBeVisible();
});

test('a job is looked into and cancelled', async ({ page, server }) => {
  await signIn(page, server);
  const keys = new Keyboard(page);
  const frame = await openModule(page, 'probe-works');
  await listen(frame);
  await ask(frame, 'HANABI_QUEUE_TASK', { options: { seconds: 300 } });
  const jobs = await keys.start('Jobs');
  const row = jobs.locator('[data-job]').first();
  await expect(row).toContainText('30 %');
  await keys.tabTo(jobs.getByRole('listbox', { name: 'Jobs, the newest first' }));
  await keys.press('Home');
  await keys.press('Enter');
  await keys.use(jobs.getByRole('button', { name: 'Cancel job' }));
  await expect(jobs.getByText('HANABI-W016')).toBeVisible();
  await keys.use(jobs.getByRole('button', { name: 'Back to the list' }));
  await expect(row).toContainText('Cancelled');
});

test('what a module keeps is looked at and deleted', async ({ page, server }) => {
  await signIn(page, server);
  const keys = new Keyboard(page);
  const frame = await openModule(page, 'probe-data');
  await listen(frame);
  await ask(frame, 'HANABI_DATA_PUT', { collection: 'lanterns', id: 'red', data: { lit: true } });
  const kept = await keys.start('Module Data');
  await keys.use(kept.getByRole('button', { name: 'Browse what probe-data keeps' }));
  await keys.use(kept.getByRole('button', { name: /lanterns 1 record/ }));
  await expect(kept.getByText('lit')).toBeVisible();
  await keys.use(kept.getByRole('button', { name: 'All modules' }));
  await keys.use(kept.getByRole('button', { name: 'Delete all that probe-data keeps' }));
  await keys.use(page.getByRole('button', { name: 'Delete', exact: true }));
  await expect(kept.getByText('probe-data')).toBeHidden();
});
