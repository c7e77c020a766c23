/** Who may do what, in a real browser: consent at the installation, updates that ask for more, and what ends a module. */
import type { Locator, Page } from '@playwright/test';
import { Desktop } from '../apps/server/test/harness/desktop.ts';
import type { ModuleWish } from '../apps/server/test/harness/make-module.ts';
import { ask, install, publish, uninstall } from '../apps/server/test/harness/publishing.ts';
import { DESKTOP_PATHS, type UserJobs } from '@hanabi/protocol';
import { expect, inEachView, openModule, signIn, test } from './harness/house.ts';
import { ask as askHost, listen } from './harness/probe-client.ts';
import { openTool, packageFile, signInAs } from './harness/portal.ts';
import { violations, violationsInEachLook } from './harness/violations.ts';

const { review } = DESKTOP_PATHS;
const ENDLESS = `
import time
def run(inputs, options):
    yield {"pct": 1, "message": "begun"}
    time.sleep(600)
`;

const question = (page: Page, name: string) => page.getByRole('dialog', { name: `May ${name} do this?` });
const windowOf = (page: Page, name: string) => page.getByRole('dialog', { name, exact: true });

async function installFromStore(page: Page, store: Locator, name: string): Promise<void> {
  await store.getByRole('button', { name: `Install ${name}` }).click();
  await page
    .getByRole('dialog', { name: `Install ${name}` })
    .getByRole('button', { name: 'Install' })
    .click();
}

test('consent is asked with the installation, and again when an update asks for more', async ({ page, server }) => {
  const admin = await Desktop.signIn(server.url);
  const wish: ModuleWish = {
    id: 'asking-lanterns',
    permissions: ['files.read.all', 'settings.self'],
    manifest: { portal: { permission_reasons: { 'files.read.all': 'It counts your lanterns' } } },
  };
  await publish(admin, admin, wish);
  await signInAs(page, server, 'other');
  const store = await openTool(page, 'Module Store');
  await installFromStore(page, store, wish.id);
  const first = question(page, wish.id);
  await expect(first.getByText('Read all of your files')).toBeVisible();
  await expect(first.getByText('It counts your lanterns')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  // A key that was meant for the dialog before it says no yes.
  await page.keyboard.press('Enter');
  await expect(first).toBeVisible();
  await expect(first.getByRole('button', { name: 'Allow', exact: true })).toHaveAttribute('aria-disabled', 'false');
  await first.getByRole('button', { name: 'Allow', exact: true }).click();
  const frame = await openModule(page, wish.id);
  await listen(frame);
  expect(await askHost(frame, 'HANABI_FS_LIST', { folderId: 'root' })).toMatchObject({ ok: true });

  const more: ModuleWish = {
    ...wish,
    permissions: ['files.read.all', 'settings.self', 'files.write.all', 'notifications'],
    manifest: { version: '1.1.0' },
  };
  await publish(admin, admin, more);
  await page.reload();
  const again = await openTool(page, 'Module Store');
  await again.getByRole('button', { name: `Update ${wish.id}` }).click();
  const difference = page.getByRole('dialog', { name: `Update ${wish.id}` });
  await expect(difference.getByText('Change and delete all of your files')).toBeVisible();
  await expect(difference.getByText('Show you notifications')).toBeVisible();
  await expect(difference.getByText('Read all of your files')).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
  await difference.getByRole('button', { name: 'Update' }).click();
  const second = question(page, wish.id);
  await expect(second.getByRole('listitem')).toHaveCount(1);
  await expect(second.getByText('Change and delete all of your files')).toBeVisible();
  await second.getByRole('button', { name: 'Do not allow' }).click();
  const updated = await openModule(page, wish.id);
  await listen(updated);
  expect(await askHost(updated, 'HANABI_FS_MKDIR', { parentId: 'root', name: 'x' })).toMatchObject({ ok: false });
  await expect(question(page, wish.id)).toHaveCount(0);
});

test('a module that asks before its page is loaded stays in front of the window that opened it', async ({
  page,
  server,
}) => {
  const admin = await Desktop.signIn(server.url);
  const id = 'bright-lanterns';
  await publish(admin, admin, { id, permissions: ['client.fullscreen'] });
  await install(await Desktop.signIn(server.url, 'other', 'other'), id);
  await signInAs(page, server, 'other');
  const store = await openTool(page, 'Module Store');
  await store.getByRole('button', { name: `Open ${id}` }).click();
  await question(page, id).getByRole('button', { name: 'Allow', exact: true }).click();
  await expect.poll(() => page.frames().some((frame) => frame.url().includes(`/${id}/`))).toBe(true);
  await expect(windowOf(page, id)).toHaveAttribute('data-window', 'front');
  await expect(windowOf(page, id)).toBeFocused();
});

test('windows and jobs of a module that is suspended, taken back or uninstalled end with its code', async ({
  page,
  server,
}) => {
  const admin = await Desktop.signIn(server.url);
  const other = await Desktop.signIn(server.url, 'other', 'other');
  const id = 'passing-lanterns';
  const wish: ModuleWish = { id, permissions: ['jobs.create', 'jobs.queue', 'worker.execute'], worker: ENDLESS };
  await publish(admin, admin, wish, { permissions: ['worker.execute'] });
  await publish(admin, admin, { ...wish, manifest: { version: '1.1.0' }, files: { 'ui/more.js': '1' } });
  await install(other, id);
  await signInAs(page, server, 'other');
  const gone = (code: string) => windowOf(page, id).getByText(code);
  const close = () => windowOf(page, id).getByRole('button', { name: 'Close' }).last().click();

  await openModule(page, id);
  await ask(admin, 'POST', `${review}/${id}/suspend`, {});
  await expect(gone('HANABI-M009')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await windowOf(page, id).getByRole('button', { name: 'Open again' }).click();
  await expect(windowOf(page, id).getByText(`${id} could not be opened`)).toBeVisible();
  await expect(gone('HANABI-M009')).toBeVisible();
  await close();
  await ask(admin, 'POST', `${review}/${id}/resume`, {});

  await openModule(page, id);
  await ask(admin, 'POST', `${review}/${id}/versions/1.0.0/roll-back`, {});
  await expect(gone('HANABI-M002')).toBeVisible();
  await windowOf(page, id).getByRole('button', { name: 'Open again' }).click();
  await expect.poll(() => page.frames().some((frame) => frame.url().includes(`/${id}/`))).toBe(true);
  const frame = page.frames().find((candidate) => candidate.url().includes(`/${id}/`))!;
  await frame.waitForLoadState('load');
  await listen(frame);
  expect(await askHost(frame, 'HANABI_QUEUE_TASK')).toMatchObject({ ok: true });
  const job = async () => (await ask<UserJobs>(other, 'GET', DESKTOP_PATHS.jobs)).body.jobs[0]!;
  await expect.poll(async () => (await job()).state).toBe('running');
  // In another window of the person's.
  await uninstall(other, id, 'delete');
  await expect(gone('HANABI-M008')).toBeVisible();
  await expect.poll(job).toMatchObject({ state: 'failed', error: { code: 'HANABI-M008' } });
  await windowOf(page, id).getByRole('button', { name: 'Open again' }).click();
  await expect(gone('HANABI-M001')).toBeVisible();
  await close();
  await expect(windowOf(page, id)).toHaveCount(0);
});

test('an administrator imports a package file, bounds it in the console and goes back to an earlier version', async ({
  page,
  server,
}) => {
  await signIn(page, server);
  const store = await openTool(page, 'Module Store');
  await store.getByRole('button', { name: 'Import a package file' }).click();
  const bring = page.getByRole('dialog', { name: 'Import a package file' });
  const id = 'brought-lanterns';
  const wish: ModuleWish = {
    id,
    permissions: ['jobs.create', 'network.fetch.broad', 'worker.execute'],
    worker: 'def run(i, o):\n    return {}\n',
  };
  await bring
    .getByLabel('Choose a package')
    .last()
    .setInputFiles(await packageFile(wish));
  await expect(bring.getByText(/SHA-256 [0-9a-f]{64}/)).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await bring.getByRole('button', { name: 'Submit' }).click();
  const desk = page.getByRole('dialog', { name: 'Review', exact: true });
  await desk.getByRole('button', { name: `${id} 1.0.0` }).click();
  const most = desk.getByLabel('Requests of one job in a second');
  await expect(most).toHaveCount(0);
  await desk.getByRole('switch', { name: /network\.fetch\.broad/ }).check();
  await most.fill('3');
  await desk.getByLabel('MiB that its jobs may move for one user in 24 hours').fill('64');
  expect(await violations(page)).toEqual([]);
  await desk.getByRole('button', { name: 'Approve' }).click();
  await expect(desk.getByText('Nothing waits.')).toBeVisible();
  const admin = await Desktop.signIn(server.url);
  const page_only = { ...wish, manifest: { version: '1.1.0' }, files: { 'ui/more.js': '1' } };
  await publish(admin, admin, page_only);

  const desktop = await openTool(page, 'Administration');
  await desktop.getByRole('tab', { name: 'Modules' }).click();
  await desktop.getByText(id, { exact: true }).click();
  // What was decided about the first version holds for the second.
  await expect(desktop.getByLabel(`network.fetch.broad of ${id}`)).toHaveValue('granted');
  await desktop.getByRole('button', { name: `Quota of ${id}` }).click();
  const quota = page.getByRole('dialog', { name: `Quota of ${id}` });
  await expect(quota.getByLabel('Requests of one job in a second')).toHaveValue('3');
  await quota.getByLabel('Requests of one job in a second').fill('1');
  await quota.getByLabel('Tier of its worker').selectOption('small');
  expect(await violations(page)).toEqual([]);
  await quota.getByRole('button', { name: 'Set' }).click();
  await desktop.getByRole('button', { name: `Go back to 1.0.0 of ${id}` }).click();
  const why = page.getByRole('dialog', { name: `Go back to 1.0.0 of ${id}` });
  await why.getByLabel('Why').fill('1.1.0 is broken');
  await why.getByRole('button', { name: 'Go back to 1.0.0' }).click();
  await expect(desktop.getByRole('button', { name: `Go back to 1.1.0 of ${id}` })).toBeVisible();
  await desktop.getByRole('tab', { name: 'Audit' }).click();
  await desktop.getByLabel('Contains').fill(id);
  await page.keyboard.press('Enter');
  await expect(desktop.getByRole('row', { name: /quota\.set.*fetch_requests_per_s_max: 1/ })).toBeVisible();
  await expect(desktop.getByRole('row', { name: /module\.roll-back.*1\.1\.0 is broken/ })).toBeVisible();
});

inEachView((name) => {
  test('the quota, the import and the consent at an installation are accessible', async ({ page, server }, info) => {
    const admin = await Desktop.signIn(server.url);
    const id = `bounded-in-${name}`;
    const permissions: ModuleWish['permissions'] = ['files.read.all', 'network.fetch.broad', 'worker.service'];
    const manifest = { entrypoints: { ui: 'ui/index.html', service: 'service/main.py' } };
    const files = { 'service/main.py': 'def tick(ctx):\n    pass\n' };
    await publish(admin, admin, { id, permissions, manifest, files }, { permissions: ['network.fetch.broad'] });
    await signIn(page, server);
    const look = async (what: string) => {
      await page.screenshot({ path: info.outputPath(`${what}.png`) });
      expect(await violationsInEachLook(page), what).toEqual([]);
    };
    const store = await openTool(page, 'Module Store');
    await store.getByRole('button', { name: 'Import a package file' }).click();
    await look('import');
    await page.keyboard.press('Escape');
    await store.getByLabel('Search modules').fill(id);
    await installFromStore(page, store, id);
    await expect(question(page, id)).toBeVisible();
    await look('consent');
    await page.keyboard.press('Escape');
    const desk = await openTool(page, 'Administration');
    await desk.getByRole('tab', { name: 'Modules' }).click();
    await desk.getByText(id, { exact: true }).click();
    await expect(desk.getByRole('button', { name: `Suspend ${id}` })).toBeVisible();
    await look('module');
    await desk.getByRole('button', { name: `Quota of ${id}` }).click();
    await look('quota');
    await page.keyboard.press('Escape');
  });
}, 900);
