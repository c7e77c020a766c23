/**
 * `npx tsx tools/screenshots.ts`: takes the pictures of docs/images from the built desktop, as a newcomer would see it
 * after uploading a few photos and running the Thumbnails module on them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type BrowserContextOptions, chromium, type Locator, type Page } from '@playwright/test';
import { inRoot } from './setup/paths.mjs';

const IMAGES = 'docs/images';
const PASSWORD = 'a password for the pictures';
const PHOTOS = ['Fireworks over the river.jpg', 'Lanterns.jpg', 'Summer night.jpg'];

interface Shot {
  readonly file: string;
  readonly phone?: true;
  readonly options: BrowserContextOptions;
}

const desktop = { viewport: { width: 1280, height: 800 } };
const SHOTS: readonly Shot[] = [
  { file: 'desktop.png', options: { ...desktop, colorScheme: 'light' } },
  { file: 'desktop-dark.png', options: { ...desktop, colorScheme: 'dark' } },
  {
    file: 'phone.png',
    phone: true,
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  },
];

const data = mkdtempSync(path.join(tmpdir(), 'hanabi-screenshots-'));
const { server, address } = await startServer();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  mkdirSync(inRoot(IMAGES), { recursive: true });
  for (const [index, shot] of SHOTS.entries()) {
    const context = await browser.newContext({ ...shot.options, locale: 'en', reducedMotion: 'reduce' });
    const page = await context.newPage();
    const photos = index === 0 ? await drawPhotos(page) : [];
    await page.goto(address);
    await signIn(page);
    // Seen by newcomers only once.
    if (index === 0) await page.getByRole('button', { name: 'Got it' }).click();
    if (!shot.phone) await openParts(page, shot.options.colorScheme === 'dark' ? '-dark' : '');
    await openExplorer(page);
    if (photos.length > 0) await upload(page, photos);
    await photo(page, PHOTOS[0]!).waitFor();
    if (!shot.phone) await openThumbnails(page);
    // The small pictures of the photos.
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: inRoot(`${IMAGES}/${shot.file}`) });
    console.log(`${IMAGES}/${shot.file}`);
    await context.close();
  }
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await once(server, 'exit');
  rmSync(data, { recursive: true, force: true });
}

async function startServer(): Promise<{ server: ChildProcess; address: string }> {
  const child = spawn(process.execPath, [inRoot('apps/server/dist/main.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HANABI_HOST: '127.0.0.1',
      HANABI_PORT: '0',
      HANABI_DATA_DIR: data,
      HANABI_ADMIN_PASSWORD: PASSWORD,
      HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
    },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = /ready at (http:\S+)/.exec(line);
    if (ready) {
      child.stdout.resume();
      return { server: child, address: ready[1]! };
    }
  }
  throw new Error('the server ended before it was ready');
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function start(page: Page, program: string): Promise<void> {
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('combobox', { name: 'Search programs' }).fill(program);
  await page.keyboard.press('Enter');
}

/** The Start menu and the settings, each by itself. */
async function openParts(page: Page, suffix: string): Promise<void> {
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('option', { name: /Thumbnails/ }).waitFor();
  await page.screenshot({ path: inRoot(`${IMAGES}/start-menu${suffix}.png`) });
  await page.keyboard.press('Escape');
  await start(page, 'Settings');
  const settings = page.getByRole('dialog', { name: 'Settings' });
  await settings.getByRole('radio', { name: 'Mountains' }).waitFor();
  await page.screenshot({ path: inRoot(`${IMAGES}/settings${suffix}.png`) });
  await settings.getByRole('button', { name: 'Close', exact: true }).click();
}

async function openExplorer(page: Page): Promise<void> {
  await start(page, 'File Explorer');
  await page.getByRole('button', { name: 'Upload files' }).first().waitFor();
}

async function upload(page: Page, files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload files' }).first().click();
  await (await chooser).setFiles(files);
  for (const { name } of files) await photo(page, name).waitFor();
  await page.getByRole('button', { name: 'Close the upload panel' }).click();
}

/** Opens a photo with the module, converts it, and puts the window where both can be seen. */
async function openThumbnails(page: Page): Promise<void> {
  await photo(page, PHOTOS[0]!).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Open with' }).click();
  await page.getByRole('menuitem', { name: 'Thumbnails' }).click();
  const frame = page.frameLocator('iframe[title*="Thumbnails"]');
  await frame.getByRole('button', { name: 'Convert' }).click();
  await frame.getByAltText(/Preview of/).waitFor();
  const title = page
    .getByRole('dialog', { name: /Thumbnails/ })
    .getByText('Thumbnails')
    .first();
  const box = (await title.boundingBox())!;
  await page.mouse.move(box.x + 5, box.y + 5);
  await page.mouse.down();
  await page.mouse.move(box.x + 285, box.y + 65, { steps: 5 });
  await page.mouse.up();
}

function photo(page: Page, name: string): Locator {
  return page.getByRole('option', { name }).or(page.getByRole('row', { name })).first();
}

/** Night skies with fireworks, so that no photo of anybody is needed. */
async function drawPhotos(page: Page): Promise<{ name: string; mimeType: string; buffer: Buffer }[]> {
  const urls = await page.evaluate(
    (count) =>
      Array.from({ length: count }, (_, seed) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 1600, height: 1200 });
        const pen = canvas.getContext('2d')!;
        const sky = pen.createLinearGradient(0, 0, 0, 1200);
        sky.addColorStop(0, `hsl(${230 + seed * 30} 60% 12%)`);
        sky.addColorStop(1, `hsl(${250 + seed * 40} 50% 32%)`);
        pen.fillStyle = sky;
        pen.fillRect(0, 0, 1600, 1200);
        for (let burst = 0; burst < 4 + seed; burst += 1) {
          const [x, y] = [200 + ((burst * 457 + seed * 311) % 1200), 180 + ((burst * 263 + seed * 97) % 560)];
          const hue = (burst * 77 + seed * 140) % 360;
          for (let ray = 0; ray < 48; ray += 1) {
            const angle = (ray / 48) * 2 * Math.PI;
            for (let step = 4; step < 24; step += 1) {
              const distance = step * (6 + (ray % 3) * 2);
              pen.fillStyle = `hsl(${hue} 95% ${85 - step}% / ${1 - step / 26})`;
              pen.beginPath();
              pen.arc(x + Math.cos(angle) * distance, y + Math.sin(angle) * distance + step * step * 0.15, 4, 0, 7);
              pen.fill();
            }
          }
        }
        return canvas.toDataURL('image/jpeg', 0.9);
      }),
    PHOTOS.length,
  );
  return urls.map((url, index) => ({
    name: PHOTOS[index]!,
    mimeType: 'image/jpeg',
    buffer: Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'),
  }));
}
