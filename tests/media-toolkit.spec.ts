/** The Media Toolkit in a browser: a video comes in, an administrator grants the tools, and what comes out plays. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hanabi } from '../apps/server/test/harness/hanabi.ts';
import { chooseFiles } from './harness/file-chooser.ts';
import { expect, openModule, signIn, startProgram, test } from './harness/house.ts';
import { violations } from './harness/violations.ts';

const VIDEO = fileURLToPath(
  new URL('../examples/modules/media-toolkit-worker/tests/sample-inputs/fireworks.mp4', import.meta.url),
);
const missing = ['ffmpeg', 'convert', 'vips', 'gs'].filter((tool) => !existsSync(`/usr/bin/${tool}`));

test('a video becomes a gif once the tools are granted', async ({ page, server }) => {
  test.skip(missing.length > 0, `${missing.join()} is not installed`);
  await signIn(page, server);
  await startProgram(page, 'File Explorer');
  const explorer = page.getByRole('dialog', { name: /File Explorer/ });
  await chooseFiles(page, () => explorer.getByRole('button', { name: 'Upload files' }).first().click(), VIDEO);
  const entry = explorer
    .getByRole('option', { name: 'fireworks.mp4' })
    .or(explorer.getByRole('row', { name: 'fireworks.mp4' }));
  await expect(entry).toBeVisible();

  await openModule(page, 'Media Toolkit');
  const toolkit = page.frameLocator('iframe[title*="Media Toolkit"]');
  await expect(toolkit.getByRole('heading', { name: 'Video and sound' })).toBeVisible();
  await expect(toolkit.getByRole('status')).toContainText('module grant media-toolkit-worker worker.native');
  await toolkit.getByRole('button', { name: 'Choose a file…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Media Toolkit asks for a file' });
  // Files come after all folders, and only what is in view is in the page.
  await dialog.getByRole('option').first().click();
  await page.keyboard.type('fireworks');
  await expect(dialog.getByRole('option', { name: 'fireworks.mp4' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Open' }).click();
  await expect(toolkit.getByRole('checkbox', { name: 'fireworks.mp4' })).toBeChecked();
  expect(await violations(page)).toEqual([]);

  await toolkit.getByLabel('Make').selectOption('gif');
  await toolkit.getByLabel('Width').selectOption('240');
  await toolkit.getByRole('button', { name: 'Convert' }).click();
  const problem = toolkit.getByRole('alert');
  await expect(problem).toContainText('HANABI-W008');
  await expect(problem).toContainText('the media tools need the permission worker.native');

  expect((await hanabi(server.data_dir, 'module', 'grant', 'media-toolkit-worker', 'worker.native')).status).toBe(0);
  await toolkit.getByRole('button', { name: 'Convert' }).click();
  const picture = toolkit.getByAltText('Preview of fireworks.gif');
  await expect(picture).toBeVisible({ timeout: 30_000 });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(240);
  await expect(toolkit.getByRole('status')).toHaveText('1 file is ready.');
  expect(await violations(page)).toEqual([]);
});
