/** What the pictures of the documentation show: each scene brings the desktop to where it is worth a look. */
import type { Locator, Page } from '@playwright/test';
import { PHOTOS } from './draw-photos.ts';

export type Snap = (name: string) => Promise<void>;

export async function signIn(page: Page, url: string, password: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
}

/** What a newcomer does first, done once: photos are brought, and a module to the portal. */
export async function prepare(
  page: Page,
  photos: Parameters<Locator['setInputFiles']>[0],
  pack: string,
): Promise<void> {
  await page.getByRole('button', { name: 'Got it' }).click();
  const explorer = await open(page, 'File Explorer');
  const chooser = page.waitForEvent('filechooser');
  await explorer.getByRole('button', { name: 'Upload files' }).first().click();
  await (await chooser).setFiles(photos);
  for (const name of PHOTOS) await entry(explorer, name).waitFor();
  await page.getByRole('button', { name: 'Close the upload panel' }).click();
  await close(explorer);
  const portal = await open(page, 'Developer Portal');
  await portal.getByLabel('Choose a package', { exact: true }).last().setInputFiles(pack);
  const gallery = portal.getByRole('region', { name: 'Lantern Gallery' });
  await gallery.getByRole('button', { name: 'Submit', exact: true }).click();
  const question = page.getByRole('dialog', { name: /^Submit Lantern Gallery/ });
  await question.getByRole('button', { name: 'Submit' }).click();
  await gallery.getByText('in review').waitFor();
  await close(portal);
}

export async function desktopScenes(page: Page, snap: Snap): Promise<void> {
  await startMenu(page, snap);
  await quickSettings(page, snap);
  const settings = await open(page, 'Settings');
  // The small wallpapers come one by one; the plain one is no picture.
  await settings.locator('.thumb svg').nth(3).waitFor();
  await snap('settings');
  await close(settings);
  const portal = await open(page, 'Developer Portal');
  await portal.getByRole('region', { name: 'Lantern Gallery' }).waitFor();
  await snap('portal');
  await close(portal);
  await consent(page, snap);
  const review = await open(page, 'Review');
  await review.getByRole('button', { name: 'Lantern Gallery 1.0.0' }).click();
  await review.getByRole('button', { name: 'Approve' }).waitFor();
  await snap('review');
  await close(review);
  await explorerAndModule(page, snap);
}

/** The launcher, and a program that fills the screen. */
export async function phoneScenes(page: Page, snap: Snap): Promise<void> {
  await snap('phone-launcher');
  const explorer = await open(page, 'File Explorer');
  await seePhotos(explorer);
  await snap('phone');
}

async function startMenu(page: Page, snap: Snap): Promise<void> {
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('option', { name: /Thumbnails/ }).waitFor();
  await snap('start-menu');
  await page.keyboard.press('Escape');
}

async function quickSettings(page: Page, snap: Snap): Promise<void> {
  await page.getByRole('button', { name: /^Quick settings/ }).click();
  await page.getByRole('dialog', { name: 'Quick settings' }).getByText(/used/).waitFor();
  await snap('quick-settings');
  await page.keyboard.press('Escape');
}

/** The module asks for all files as soon as its page is there. */
async function consent(page: Page, snap: Snap): Promise<void> {
  const finder = await open(page, 'Lantern Finder');
  const question = page.getByRole('dialog', { name: /^May Lantern Finder/ });
  const yes = question.getByRole('button', { name: 'Allow', exact: true });
  await yes.and(page.locator('[aria-disabled="false"]')).waitFor();
  await snap('consent');
  await question.getByRole('button', { name: 'Not now' }).click();
  await close(finder);
}

/** A photo chosen in the Explorer, and a module that has made it smaller, beside each other. */
async function explorerAndModule(page: Page, snap: Snap): Promise<void> {
  const explorer = await open(page, 'File Explorer');
  await seePhotos(explorer);
  await entry(explorer, PHOTOS[0]!).click();
  await snap('explorer');
  await entry(explorer, PHOTOS[0]!).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Open with' }).click();
  await page.getByRole('menuitem', { name: 'Thumbnails' }).click();
  const frame = page.frameLocator('iframe[title*="Thumbnails"]');
  await frame.getByRole('button', { name: 'Convert' }).click();
  await frame.getByAltText(/Preview of/).waitFor();
  const title = page.getByRole('dialog', { name: /Thumbnails/ }).getByText('Thumbnails');
  const box = (await title.first().boundingBox())!;
  await page.mouse.move(box.x + 5, box.y + 5);
  await page.mouse.down();
  await page.mouse.move(box.x + 285, box.y + 65, { steps: 5 });
  await page.mouse.up();
  await snap('desktop');
}

async function open(page: Page, program: string): Promise<Locator> {
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('combobox', { name: 'Search programs' }).fill(program);
  await page.getByRole('option', { name: program, selected: true }).waitFor();
  await page.keyboard.press('Enter');
  const window = page.getByRole('dialog', { name: new RegExp(program) });
  await window.waitFor();
  return window;
}

async function close(window: Locator): Promise<void> {
  await window.getByRole('button', { name: 'Close', exact: true }).first().click();
  await window.waitFor({ state: 'detached' });
}

/** The small pictures of the photos are there. */
async function seePhotos(explorer: Locator): Promise<void> {
  for (const name of PHOTOS) await entry(explorer, name).locator('img').waitFor();
}

function entry(explorer: Locator, name: string): Locator {
  return explorer.getByRole('option', { name }).or(explorer.getByRole('row', { name })).first();
}
