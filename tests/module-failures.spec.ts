/** A module whose page cannot be there, or never comes: its window says so with a code, or asks what to do. */
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, openModule, signIn, startProgram, test } from './harness/house.ts';
import { violations } from './harness/violations.ts';

// Half transparent in the middle of fading in, everything has too little contrast.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

const windowOf = (page: Page, name: string) => page.getByRole('dialog', { name });

test('a page or a package that is gone has a code, and can be tried again', async ({ page, server }) => {
  await signIn(page, server);
  const packages = join(server.data_dir, 'modules/probe-lost');
  const folder = join(packages, (await readdir(packages))[0]!);
  const lost = windowOf(page, 'probe-lost');
  for (const path of [join(folder, 'ui/index.html'), folder]) {
    await rename(path, `${path}.away`);
    await startProgram(page, 'probe-lost');
    await expect(lost.getByText('probe-lost could not be opened')).toBeVisible();
    await expect(lost.getByText('HANABI-M004')).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await rename(`${path}.away`, path);
    await lost.getByRole('button', { name: 'Open again' }).click();
    await expect(lost.locator('iframe')).toBeVisible();
    await lost.getByRole('button', { name: 'Close' }).click();
  }
});

test('a server that is away has a code, too', async ({ page, server, context }) => {
  await signIn(page, server);
  await openModule(page, 'probe-one');
  await context.setOffline(true);
  await startProgram(page, 'probe-two');
  const window = windowOf(page, 'probe-two');
  await expect(window.getByText('probe-two could not be opened')).toBeVisible();
  await expect(window.getByText('HANABI-V011')).toBeVisible();
  await context.setOffline(false);
  await window.getByRole('button', { name: 'Open again' }).click();
  await expect(window.locator('iframe')).toBeVisible();
});

test('a page that never comes to its end is reported, and the desktop goes on', async ({ page, server }) => {
  await signIn(page, server);
  await startProgram(page, 'probe-endless');
  const window = windowOf(page, 'probe-endless');
  await expect(window.getByRole('group', { name: 'probe-endless does not answer' })).toBeVisible({ timeout: 60_000 });
  await window.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(window).toHaveCount(0);
  await openModule(page, 'probe-one');
});
