/** A module on its way in a real browser: uploaded, tried, submitted, reviewed, installed, updated, removed. */
import { Desktop } from '../apps/server/test/harness/desktop.ts';
import type { ModuleWish } from '../apps/server/test/harness/make-module.ts';
import { publish } from '../apps/server/test/harness/publishing.ts';
import { expect, inEachView, signIn, test } from './harness/house.ts';
import { openTool, packageFile, signInAs } from './harness/portal.ts';
import { violations, violationsInEachLook } from './harness/violations.ts';

const WORKER = 'def run(inputs, options):\n    return {name: data.upper() for name, data in inputs.items()}\n';

test('from the upload to the window of its user', async ({ page, browser, server }) => {
  await signIn(page, server);
  const portal = await openTool(page, 'Developer Portal');
  const wish: ModuleWish = {
    id: 'shouting-lanterns',
    permissions: ['data.store', 'jobs.create', 'worker.execute', 'worker.native'],
    worker: WORKER,
    manifest: { name: 'Shouting Lanterns', portal: { tags: ['Writing'] } },
    files: { 'ui/main.js': 'eval("1");\ndocument.title = "ran";', 'README.md': 'Makes lanterns shout.' },
  };
  await portal
    .getByLabel('Choose a package', { exact: true })
    .last()
    .setInputFiles(await packageFile(wish));
  await expect(portal.getByRole('heading', { name: 'Shouting Lanterns 1.0.0 is a draft now' })).toBeVisible();
  await expect(portal.getByText('ui/main.js:1').first()).toBeVisible();
  expect(await violations(page)).toEqual([]);

  const lanterns = portal.getByRole('region', { name: 'Shouting Lanterns' });
  await lanterns.getByRole('button', { name: 'Try it' }).click();
  await expect(page.getByRole('dialog', { name: 'Shouting Lanterns (draft)' })).toBeVisible();
  await page.getByRole('dialog', { name: 'Shouting Lanterns (draft)' }).getByRole('button', { name: 'Close' }).click();

  await lanterns.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByLabel('A note to the reviewer').fill('My first one');
  await page
    .getByRole('dialog', { name: /^Submit Shouting/ })
    .getByRole('button', { name: 'Submit' })
    .click();
  await expect(lanterns.getByText('in review')).toBeVisible();

  const review = await openTool(page, 'Review');
  await review.getByRole('button', { name: 'Shouting Lanterns 1.0.0' }).click();
  await review.getByRole('button', { name: 'ui/main.js:1' }).first().click();
  await expect(review.getByRole('region', { name: 'ui/main.js' })).toContainText('eval("1")');
  await review.getByRole('button', { name: 'Run it twice' }).click();
  await expect(review.getByText('Both runs gave the same.')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await review.getByRole('checkbox', { name: /worker\.execute/ }).check();
  await expect(review.getByRole('switch', { name: /worker\.native/ })).not.toBeChecked();
  await review.getByLabel('Note to the developer').fill('Welcome');
  await review.getByRole('button', { name: 'Approve' }).click();
  await expect(review.getByText('Nothing waits.')).toBeVisible();
  await expect(lanterns.getByText('live', { exact: true })).toBeVisible();

  const context = await browser.newContext();
  const other = await context.newPage();
  await signInAs(other, server, 'other');
  await other.getByRole('button', { name: 'Start', exact: true }).click();
  await other.getByRole('combobox', { name: 'Search programs' }).fill('Shouting');
  await expect(other.getByRole('option', { name: 'Shouting Lanterns' })).toHaveCount(0);
  await other.keyboard.press('Escape');
  const store = await openTool(other, 'Module Store');
  await store.getByLabel('Search modules').fill('shout');
  await store.getByRole('button', { name: 'Shouting Lanterns', exact: true }).click();
  await expect(store.getByText('Run a Python program on the server, in a sealed sandbox')).toBeVisible();
  await store.getByRole('button', { name: 'Install Shouting Lanterns' }).click();
  const question = other.getByRole('dialog', { name: 'Install Shouting Lanterns' });
  await expect(question.getByText('Keep its own records')).toBeVisible();
  await question.getByRole('button', { name: 'Install' }).click();
  await store.getByRole('button', { name: 'Open Shouting Lanterns' }).click();
  await expect(other.getByRole('dialog', { name: 'Shouting Lanterns', exact: true })).toBeVisible();
  await other
    .getByRole('dialog', { name: 'Shouting Lanterns', exact: true })
    .getByRole('button', { name: 'Close' })
    .click();
  await store.getByRole('button', { name: 'Remove Shouting Lanterns' }).click();
  await other.getByRole('dialog', { name: 'Remove Shouting Lanterns' }).getByRole('button', { name: 'Remove' }).click();
  await expect(store.getByRole('button', { name: 'Install Shouting Lanterns' })).toBeVisible();

  // The store that is open hears of what is decided elsewhere.
  const decide = async (act: string) => {
    const row = review.getByRole('listitem').filter({ hasText: 'Shouting Lanterns' });
    await row.getByRole('button', { name: act }).click();
    const asked = page.getByRole('dialog', { name: `${act}: Shouting Lanterns 1.0.0` });
    await asked.getByRole('button', { name: act }).click();
  };
  await decide('Suspend');
  await expect(store.getByRole('button', { name: 'Install Shouting Lanterns' })).toHaveCount(0);
  await decide('Let it go on');
  await expect(store.getByRole('button', { name: 'Install Shouting Lanterns' })).toBeVisible();
  await context.close();
});

test('a package that is not taken says why, with its code', async ({ page, server }) => {
  await signIn(page, server);
  const portal = await openTool(page, 'Developer Portal');
  const choose = portal.getByLabel('Choose a package', { exact: true }).last();
  await choose.setInputFiles(
    await packageFile({ id: 'unparsed', permissions: ['worker.execute'], worker: 'def run(:\n' }),
  );
  await expect(portal.getByRole('heading', { name: 'The package was not taken' })).toBeVisible();
  await expect(portal.getByText('worker/main.py:1')).toBeVisible();
  await choose.setInputFiles({
    name: 'no.zip',
    mimeType: 'application/zip',
    buffer: Buffer.from('this is only some text'),
  });
  await expect(portal.getByText('HANABI-V013')).toBeVisible();
  await portal.getByLabel('Name of a new key').fill('laptop');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Your new key' }).getByText(/^hanabi_publish_/)).toBeVisible();
});

test('who is no developer and no administrator is not shown their tools', async ({ page, server }) => {
  await signInAs(page, server, 'other');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const search = page.getByRole('combobox', { name: 'Search programs' });
  await search.fill('Module Store');
  await expect(page.getByRole('option', { name: 'Module Store' })).toBeVisible();
  for (const name of ['Developer Portal', 'Review']) {
    await search.fill(name);
    await expect(page.getByRole('option', { name, exact: true })).toHaveCount(0);
  }
});

inEachView((name) => {
  test('store, portal and review are accessible', async ({ page, server }, info) => {
    const admin = await Desktop.signIn(server.url);
    const id = `seen-in-${name}`;
    const manifest = { name: `Seen in ${name}`, portal: { tags: ['Pictures', 'Fun'] } };
    const readme = { 'README.md': 'What it is for, in a few lines.\n\nAnd a few more.' };
    const permissions: ModuleWish['permissions'] = ['data.store', 'files.read.all', 'client.wasm'];
    await publish(admin, admin, { id, permissions, manifest, files: readme });
    await signIn(page, server);
    const look = async (what: string) => {
      await page.screenshot({ path: info.outputPath(`${what}.png`) });
      expect(await violationsInEachLook(page)).toEqual([]);
    };
    const store = await openTool(page, 'Module Store');
    await expect(store.getByRole('button', { name: 'Fun' })).toBeVisible();
    await look('store');
    await store.getByRole('button', { name: manifest.name, exact: true }).click();
    await expect(store.getByText('What it can do')).toBeVisible();
    await look('store-details');
    await store.getByRole('button', { name: `Install ${manifest.name}` }).click();
    await look('store-question');
    await page.keyboard.press('Escape');
    const portal = await openTool(page, 'Developer Portal');
    await expect(portal.getByRole('heading', { name: manifest.name })).toBeVisible();
    await look('portal');
    const review = await openTool(page, 'Review');
    await review.getByRole('button', { name: `${manifest.name} 1.0.0` }).click();
    await expect(review.getByRole('heading', { name: 'What the scan found' })).toBeVisible();
    await look('review');
  });
}, 900);
