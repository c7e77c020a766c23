/** The first slice through every room, as a person goes through it. */
import { readFile, stat } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { chooseFiles } from './harness/file-chooser.ts';
import { expect, signIn, startProgram, test } from './harness/house.ts';
import { makePhotograph } from './harness/photograph.ts';

test('a photo becomes a thumbnail', async ({ page, server, foreignRequests }) => {
  const photo = await makePhotograph('summer.jpg');
  expect((await stat(photo)).size).toBeGreaterThan(2_000_000);
  await signIn(page, server);

  // Upload it, with a progress bar.
  await startProgram(page, 'File Explorer');
  const explorer = page.getByRole('dialog', { name: /File Explorer/ });
  const bars = watchProgress(page, 'Upload of summer.jpg');
  await uploadThrough(page, explorer, photo);
  await expect(entry(explorer, 'summer.jpg')).toBeVisible();
  expect(Math.max(...(await bars()))).toBe(100);

  // Open it with the module.
  await entry(explorer, 'summer.jpg').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Open with' }).click();
  await page.getByRole('menuitem', { name: 'Thumbnails' }).click();
  const thumbnails = page.frameLocator('iframe[title*="Thumbnails"]');
  await expect(thumbnails.getByRole('checkbox', { name: 'summer.jpg' })).toBeChecked();

  // Convert, with a bar that moves with the worker's yields, and a notification at the end.
  const frame = page.frames().find((one) => one.url().includes('/runtime/modules/thumbnails/'))!;
  await frame.evaluate(() => {
    const seen = new Set<number>();
    Object.assign(globalThis, { seen });
    const look = () => {
      for (const bar of document.querySelectorAll('progress')) if (bar.hasAttribute('value')) seen.add(bar.value);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
  });
  await thumbnails.getByRole('button', { name: 'Convert' }).click();
  await expect(thumbnails.getByAltText(/Preview of thumb-summer/)).toBeVisible();
  const seen = await frame.evaluate(() => [...(globalThis as unknown as { seen: Set<number> }).seen]);
  expect(seen.length).toBeGreaterThan(1);
  await expect(page.getByTestId('toasts').getByText('Thumbnails', { exact: true })).toBeVisible();

  // See it in the folder of the module's exports, open it, and download it.
  await thumbnails.getByRole('button', { name: 'Show in folder' }).click();
  const exportsWindow = page.getByRole('dialog', { name: /Exports/ });
  await expect(entry(exportsWindow, 'thumb-summer.jpg')).toBeVisible();
  await entry(exportsWindow, 'thumb-summer.jpg').dblclick();
  const viewer = page.frameLocator('iframe[title*="Image Viewer"]');
  await expect(viewer.getByRole('img', { name: /thumb-summer/ })).toBeVisible();

  await page
    .getByRole('button', { name: /Exports/ })
    .last()
    .click();
  await entry(exportsWindow, 'thumb-summer.jpg').click({ button: 'right' });
  const downloading = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Download' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('thumb-summer.jpg');
  const bytes = await readFile(await download.path());
  expect([...bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  expect(bytes.length).toBeLessThan(200_000);

  expect(foreignRequests).toEqual([]);
});

const entry = (place: Locator, name: string) =>
  place.getByRole('option', { name }).or(place.getByRole('row', { name }));

async function uploadThrough(page: Page, explorer: Locator, path: string): Promise<void> {
  await chooseFiles(page, () => explorer.getByRole('button', { name: 'Upload files' }).first().click(), path);
}

/** Collects the values that a progress bar takes; the way to read them. */
function watchProgress(page: Page, name: string): () => Promise<number[]> {
  const values: number[] = [];
  const watching = page.evaluate((label) => {
    const seen: number[] = [];
    Object.assign(globalThis, { progressSeen: seen });
    const look = () => {
      for (const bar of document.querySelectorAll(
        `[role=progressbar][aria-label="${label}"], progress[aria-label="${label}"]`,
      )) {
        seen.push(Number(bar.getAttribute('aria-valuenow') ?? bar.getAttribute('value')));
      }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
  }, name);
  return async () => {
    await watching;
    return [
      ...values,
      ...(await page.evaluate(() => (globalThis as unknown as { progressSeen: number[] }).progressSeen)),
    ];
  };
}
