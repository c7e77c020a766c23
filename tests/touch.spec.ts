/** Windows on a tablet: moved, snapped and sized by a finger. */
import type { CDPSession, Page } from '@playwright/test';
import { expect, signIn, startProgram, test } from './harness/house.ts';

test.use({ viewport: { width: 1024, height: 768 }, hasTouch: true, isMobile: true });

interface Point {
  x: number;
  y: number;
}

/** A finger that goes down at one place and, in steps, to another; it is still down. */
async function slide(finger: CDPSession, from: Point, to: Point): Promise<void> {
  const touch = (type: 'touchStart' | 'touchMove', touchPoints: Point[]) =>
    finger.send('Input.dispatchTouchEvent', { type, touchPoints });
  await touch('touchStart', [from]);
  for (let step = 1; step <= 8; step += 1) {
    const part = step / 8;
    await touch('touchMove', [{ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }]);
  }
}

const lift = (finger: CDPSession) => finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });

async function titleOf(page: Page): Promise<Point> {
  const box = (await page.getByRole('heading', { level: 2, name: /File Explorer/ }).boundingBox())!;
  return { x: box.x + 60, y: box.y + box.height / 2 };
}

test('a finger moves, snaps and sizes a window', async ({ page, server, context }) => {
  await signIn(page, server);
  await startProgram(page, 'File Explorer');
  const finger = await context.newCDPSession(page);
  const window = page.getByRole('dialog', { name: /File Explorer/ });
  const box = async () => (await window.boundingBox())!;

  const start = await box();
  const title = await titleOf(page);
  await slide(finger, title, { x: title.x + 20, y: title.y + 70 });
  await lift(finger);
  await expect.poll(async () => (await box()).y - start.y).toBe(70);

  await slide(finger, await titleOf(page), { x: 20, y: 380 });
  await expect(page.getByTestId('snap-preview')).toBeVisible();
  await lift(finger);
  await expect(page.getByTestId('snap-preview')).toHaveCount(0);
  await expect.poll(box).toMatchObject({ x: 0, y: 0, width: 512 });

  // A finger beside the edge, where a mouse would miss it.
  await slide(finger, { x: 512 + 24, y: 300 }, { x: 512 + 124, y: 300 });
  await lift(finger);
  await expect.poll(async () => (await box()).width).toBe(612);

  for (const name of ['Minimise', 'Maximise', 'Close']) {
    const target = (await window.getByRole('button', { name, exact: true }).boundingBox())!;
    expect(target.width).toBeGreaterThanOrEqual(44);
    expect(target.height).toBeGreaterThanOrEqual(43);
  }
});

test('a gesture that the system takes over leaves the window where it is', async ({ page, server, context }) => {
  await signIn(page, server);
  await startProgram(page, 'File Explorer');
  const finger = await context.newCDPSession(page);
  const window = page.getByRole('dialog', { name: /File Explorer/ });
  const title = await titleOf(page);
  await slide(finger, title, { x: 20, y: 380 });
  await expect(page.getByTestId('snap-preview')).toBeVisible();
  await finger.send('Input.dispatchTouchEvent', { type: 'touchCancel', touchPoints: [] });
  await expect(page.getByTestId('snap-preview')).toHaveCount(0);
  await expect.poll(async () => (await window.boundingBox())!.width).toBeGreaterThan(512);
});
