/**
 * How long a module takes from the Enter in the Start menu to the answer of its page's READY. In turn with it, in the same
 * browser, a bare page does what cannot be left out: it asks for a launch, opens the frame and answers the one message.
 */
import type { Frame, Page } from '@playwright/test';
import { DESKTOP_PATHS } from '@hanabi/protocol';
import { type Figure, figure, median } from './figures.ts';

const ROUNDS = 7;

/** The newest frame of the bench module, when its page has been answered. */
export function openBench(page: Page): Promise<Frame> {
  return openedBy(page, async () => {
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('combobox', { name: 'Search programs' }).fill('bench-page');
    await page.keyboard.press('Enter');
  });
}

export async function launchFigure(page: Page, url: string): Promise<Figure> {
  const bare = await page.context().newPage();
  // Any document of the same origin without a program of its own.
  await bare.goto(`${url}/icons/icon-192.png`);
  const [ours, floor]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.bringToFront();
    ours.push(await fromShell(page));
    await bare.bringToFront();
    floor.push(await fromBarePage(bare));
  }
  await bare.close();
  await page.bringToFront();
  const against = 'a bare page that asks for a launch, opens the frame and answers it; target 100';
  return figure('shell.launch', 'ms', median(ours), median(floor), against);
}

async function openedBy(page: Page, act: () => Promise<void>): Promise<Frame> {
  const known = new Set(page.frames());
  await act();
  let frame: Frame | undefined;
  while (!frame) {
    await page.evaluate(() => new Promise(requestAnimationFrame));
    frame = page.frames().find((candidate) => !known.has(candidate));
  }
  await frame.waitForFunction(() => 'readyAt' in window);
  return frame;
}

async function fromShell(page: Page): Promise<number> {
  const pressed = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const onKey = (event: KeyboardEvent) => {
          if (event.key !== 'Enter') return;
          removeEventListener('keydown', onKey, { capture: true });
          resolve(performance.timeOrigin + performance.now());
        };
        addEventListener('keydown', onKey, { capture: true });
      }),
  );
  const frame = await openBench(page);
  return (await frame.evaluate<number>('window.readyAt')) - (await pressed);
}

async function fromBarePage(page: Page): Promise<number> {
  let beganAt = 0;
  const frame = await openedBy(page, async () => {
    beganAt = await page.evaluate(launchBarely, DESKTOP_PATHS);
  });
  return (await frame.evaluate<number>('window.readyAt')) - beganAt;
}

/** Runs in the page. The token is asked for before the clock: a desktop has it. */
async function launchBarely(paths: { session: string; launches: string }): Promise<number> {
  const { csrf_token } = (await (await fetch(paths.session)).json()) as { csrf_token: string };
  const beganAt = performance.timeOrigin + performance.now();
  const launched = await fetch(paths.launches, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hanabi-csrf': csrf_token },
    body: JSON.stringify({ module_id: 'bench-page' }),
  });
  const launch = (await launched.json()) as { document_url: string; frame_sandbox: string; context: unknown };
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', launch.frame_sandbox);
  frame.src = launch.document_url;
  // In view: a frame beside it draws nothing, and waits for what it is drawn for.
  frame.style.cssText = 'position: fixed; inset: 0; width: 100%; height: 100%';
  addEventListener('message', ({ source, data }: MessageEvent<{ type: string; rid: string }>) => {
    if (source !== frame.contentWindow || data.type !== 'HANABI_READY') return;
    const reply = { v: 1, type: 'HANABI_READY_RESULT', rid: data.rid, ok: true, data: launch.context };
    frame.contentWindow!.postMessage(reply, '*');
  });
  document.body.append(frame);
  return beganAt;
}
