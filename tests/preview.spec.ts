/** A PDF in the preview of File Explorer: drawn, and by something that reaches nothing. */
import type { Page } from '@playwright/test';
import { makeDocument } from './harness/document.ts';
import { expect, signIn, startProgram, test } from './harness/house.ts';
import { violations, violationsInEachLook } from './harness/violations.ts';

test.use({ viewport: { width: 1280, height: 800 } });

async function upload(page: Page, name: string, bytes: Buffer): Promise<void> {
  await page.evaluate(
    async ([file, base64]) => {
      const { csrf_token } = (await (await fetch('/api/session')).json()) as { csrf_token: string };
      const headers = { 'x-hanabi-csrf': csrf_token, 'content-type': 'application/octet-stream' };
      const body = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      await fetch(`/api/folders/root/files?name=${file}`, { method: 'PUT', body, headers });
    },
    [name, bytes.toString('base64')] as const,
  );
}

test('a document is drawn in a frame that reaches nothing', async ({ page, server, foreignRequests }) => {
  await signIn(page, server);
  await upload(page, 'report.pdf', makeDocument(3));
  await upload(page, 'broken.pdf', Buffer.from('%PDF-1.4 and then nothing'));
  await startProgram(page, 'File Explorer');
  const explorer = page.getByRole('dialog', { name: /File Explorer/ });
  await explorer.getByRole('option', { name: 'report.pdf,' }).click();
  await page.keyboard.press('Alt+p');
  const pane = explorer.getByRole('complementary', { name: 'Preview' });
  const sheets = pane.frameLocator('iframe[title="report.pdf"]').getByRole('img');
  await expect(sheets).toHaveCount(3);
  await expect(pane.getByText('Drawing the pages…')).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
  const colours = await sheets.first().evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const seen = { ground: 0, letters: 0 };
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === 0 && data[at + 1] === 102 && data[at + 2] === 204) seen.ground += 1;
      if (data[at] === 255 && data[at + 1] === 255 && data[at + 2] === 255) seen.letters += 1;
    }
    return { ground: seen.ground / (data.length / 4), letters: seen.letters / (data.length / 4) };
  });
  expect(colours.ground).toBeGreaterThan(0.8);
  expect(colours.letters).toBeGreaterThan(0.005);

  const reached = await sheets.first().evaluate(async (canvas) => {
    const inside = canvas.ownerDocument.defaultView!;
    const address = `${new URL(document.querySelector('script')!.src).origin}/api/session`;
    const loads = (element: HTMLElement, kind: 'src' | 'href') =>
      new Promise((resolve, reject) => {
        element.addEventListener('load', resolve);
        element.addEventListener('error', reject);
        element.setAttribute(kind, address);
        document.head.append(element);
      });
    const tries: Record<string, () => unknown> = {
      origin: () => {
        if (inside.origin === 'null') throw new Error('none');
      },
      desktop: () => inside.parent.document.body,
      cookies: () => document.cookie,
      storage: () => localStorage.length,
      api: () => fetch(address),
      'api without cors': () => fetch(address, { mode: 'no-cors' }),
      image: () => loads(new Image(), 'src'),
      script: () => loads(document.createElement('script'), 'src'),
      style: () => loads(Object.assign(document.createElement('link'), { rel: 'stylesheet' }), 'href'),
      worker: () =>
        new Promise((resolve, reject) => {
          const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])));
          worker.addEventListener('message', resolve);
          worker.addEventListener('error', reject);
        }),
      // oxlint-disable-next-line typescript/no-implied-eval -- it is to be refused
      code: () => new Function('return 1')() as unknown,
      popup: () => {
        if (!inside.open(address)) throw new Error('blocked');
      },
    };
    const succeeded: string[] = [];
    for (const [name, attempt] of Object.entries(tries)) {
      try {
        await attempt();
        succeeded.push(name);
      } catch {
        // Refused, as it should be.
      }
    }
    return succeeded;
  });
  expect(reached).toEqual([]);
  expect(foreignRequests).toEqual([]);

  await explorer.getByRole('option', { name: 'broken.pdf,' }).click();
  await expect(pane.getByText('This file cannot be shown.')).toBeVisible();
  await expect(pane.locator('iframe')).toHaveCount(0);
});

const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30" onload="parent.ran = 1; window.ran = 1">
  <script>parent.ran = 1; window.ran = 1;</script>
  <rect width="40" height="30" fill="#0066cc"/>
  <image href="http://drawing.example/tracker.png" width="10" height="10"/>
  <foreignObject width="10" height="10"><img xmlns="http://www.w3.org/1999/xhtml" src="http://drawing.example/b.png"/></foreignObject>
</svg>`;

test('a drawing is painted, and neither runs nor loads anything', async ({ page, server, foreignRequests }) => {
  await signIn(page, server);
  await upload(page, 'plan.svg', Buffer.from(DRAWING));
  await upload(page, 'torn.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><rect'));
  await startProgram(page, 'File Explorer');
  const explorer = page.getByRole('dialog', { name: /File Explorer/ });
  const pane = explorer.getByRole('complementary', { name: 'Preview' });
  // No module here opens it; what shows it is the preview.
  await explorer.getByRole('option', { name: 'plan.svg,' }).dblclick();
  const drawing = pane.getByRole('img', { name: 'plan.svg' });
  await expect.poll(() => drawing.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  expect(await drawing.getAttribute('src')).toMatch(/^data:image\/svg\+xml;base64,/);
  const colour = await drawing.evaluate((image: HTMLImageElement) => {
    const context = new OffscreenCanvas(40, 30).getContext('2d')!;
    context.drawImage(image, 0, 0, 40, 30);
    return [...context.getImageData(30, 20, 1, 1).data];
  });
  expect(colour).toEqual([0, 102, 204, 255]);
  expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
  expect(foreignRequests).toEqual([]);

  await explorer.getByRole('option', { name: 'torn.svg,' }).click();
  await expect(pane.getByText('This file cannot be shown.')).toBeVisible();
});

test('what no module opens fills a small window, and gives it back', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 780 });
  await signIn(page, server);
  await upload(page, 'plain-note.md', Buffer.from('# Dear all\n\nThe fireworks begin at eight.\n'));
  await startProgram(page, 'File Explorer');
  const explorer = page.getByRole('dialog', { name: /File Explorer/ });
  const letter = explorer.getByRole('option', { name: 'plain-note.md,' });
  await letter.dblclick();
  const pane = explorer.getByRole('complementary', { name: 'Preview' });
  await expect(pane.getByText('The fireworks begin at eight.')).toBeVisible();
  const close = pane.getByRole('button', { name: 'Close preview' });
  await expect(close).toBeFocused();
  expect((await pane.boundingBox())!.width).toBeGreaterThan(370);
  expect(await violationsInEachLook(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(pane).toHaveCount(0);
  await expect(letter).toBeFocused();

  await explorer.getByRole('searchbox', { name: 'Search files' }).fill('plain-no');
  await expect(explorer.getByText('1 item found')).toBeAttached();
  await expect(explorer.getByRole('searchbox', { name: 'Search files' })).toBeFocused();
});
