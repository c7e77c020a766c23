/**
 * `npm run screenshots`: takes the pictures of docs/images from the built desktop, light and dark, as somebody would see it
 * who has uploaded a few photos, runs the Thumbnails module on them and has a module of their own on its way.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from '@playwright/test';
import { makeModule } from '../apps/server/test/harness/make-module.ts';
import { packageOf } from '../apps/server/test/harness/publishing.ts';
import { ADMIN_PASSWORD, startServer } from '../apps/server/test/harness/start-server.ts';
import { drawPhotos } from './pictures/draw-photos.ts';
import { LANTERN_FINDER, LANTERN_GALLERY } from './pictures/lanterns.ts';
import { desktopScenes, phoneScenes, prepare, type Snap, signIn } from './pictures/scenes.ts';
import { inRoot } from './setup/paths.mjs';

const IMAGES = 'docs/images';
/** Of WebP, between 0 and 1: letters stay sharp. */
const QUALITY = 0.88;

const screen = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const finder = await makeModule(LANTERN_FINDER);
const server = await startServer({
  env: { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap', HANABI_MODULE_DIRS: finder },
});
const scratch = await mkdtemp(path.join(tmpdir(), 'hanabi-screenshots-'));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const encoder = await browser.newPage();
try {
  await mkdir(inRoot(IMAGES), { recursive: true });
  const pack = path.join(scratch, 'lantern-gallery.zip');
  await writeFile(pack, await packageOf(LANTERN_GALLERY));
  const first = await enter(browser, screen);
  await prepare(first, await drawPhotos(encoder), pack);
  await first.context().close();
  for (const colorScheme of ['light', 'dark'] as const) {
    const suffix = colorScheme === 'dark' ? '-dark' : '';
    for (const [options, scenes] of [
      [screen, desktopScenes],
      [phone, phoneScenes],
    ] as const) {
      const page = await enter(browser, { ...options, colorScheme });
      await scenes(page, snapOf(page, suffix));
      await page.context().close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
  for (const folder of [scratch, finder]) await rm(folder, { recursive: true, force: true });
}

/** Somebody who has just signed in. */
async function enter(from: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await from.newContext({ ...options, locale: 'en', reducedMotion: 'reduce' });
  const page = await context.newPage();
  await signIn(page, server.url, ADMIN_PASSWORD);
  return page;
}

function snapOf(page: Page, suffix: string): Snap {
  return async (name) => {
    // The small pictures of the photos.
    await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
    const file = `${IMAGES}/${name}${suffix}.webp`;
    await writeFile(inRoot(file), await toWebp(await page.screenshot()));
    console.log(file);
  };
}

/** A third of the size of a PNG. The browser knows how, so that no library is needed for it. */
async function toWebp(png: Buffer): Promise<Buffer> {
  const url = await encoder.evaluate(
    async ({ source, quality }) => {
      const picture = new Image();
      picture.src = source;
      await picture.decode();
      const canvas = Object.assign(document.createElement('canvas'), { width: picture.width, height: picture.height });
      canvas.getContext('2d')!.drawImage(picture, 0, 0);
      return canvas.toDataURL('image/webp', quality);
    },
    { source: `data:image/png;base64,${png.toString('base64')}`, quality: QUALITY },
  );
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}
