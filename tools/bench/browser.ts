/** Bridge and shell, in Chromium: the SDK against a raw message (and fetch) between the same two pages. */
import { chromium, type Frame, type Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { Desktop } from '../../apps/server/test/harness/desktop.ts';
import { makeModule } from '../../apps/server/test/harness/make-module.ts';
import { ADMIN_PASSWORD, type RunningServer, startServer } from '../../apps/server/test/harness/start-server.ts';
import { LIVE_PROTOCOL, LIVE_TOKEN_PREFIX } from '@hanabi/protocol';
import { CHROMIUM_ARGS } from '../setup/chromium-args.ts';
import { dragFigures } from './dragging.ts';
import { type Figure, figure, median } from './figures.ts';
import { launchFigure, openBench } from './launching.ts';

const PAGE = `<!doctype html><html lang="en"><title>bench</title><script type="module">
import { createHanabiClient } from './hanabi-sdk.js';
window.client = createHanabiClient();
await window.client.getContext();
window.readyAt = performance.timeOrigin + performance.now();
</script></html>`;

const LIVE = { name: LIVE_PROTOCOL, token: LIVE_TOKEN_PREFIX };

export async function benchBrowser(): Promise<Figure[]> {
  const sdk = await readFile(new URL('../../examples/modules/thumbnails/ui/hanabi-sdk.js', import.meta.url), 'utf8');
  const dir = await makeModule({
    id: 'bench-page',
    permissions: ['files.read', 'files.write'],
    files: { 'ui/index.html': PAGE, 'ui/hanabi-sdk.js': sdk },
  });
  const server = await startServer({ env: { HANABI_MODULE_DIRS: dir } });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: [...CHROMIUM_ARGS] });
  try {
    const page = await (await browser.newContext()).newPage();
    // tsx wraps named functions in a helper that pages do not have.
    await page.addInitScript('globalThis.__name = (named) => named');
    await signIn(page, server);
    const launches = await launchFigure(page, server.url);
    const frame = await openBench(page);
    await connectRaw(page, frame);
    const files = await prepareFiles(server);
    return [
      await getContext(frame),
      await readSmallFile(frame, files.small),
      await readFileFigure(frame, 'bridge.readFile1k.fetch', files.small, 300),
      await readFileFigure(frame, 'bridge.readFile10M', files.large, 9, 'buffer'),
      await readFileFigure(frame, 'bridge.readFile10M.base64', files.large, 9),
      await writeFileFigure(frame),
      launches,
      ...(await coldShell(page, server)),
      ...(await amongTwenty(page, server)),
    ];
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function signIn(page: Page, server: RunningServer): Promise<void> {
  await page.goto(server.url);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill(ADMIN_PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Start' }).waitFor();
}

async function prepareFiles(server: RunningServer): Promise<{ small: string; large: string }> {
  const desktop = await Desktop.signIn(server.url);
  const launch = await desktop.launch('bench-page');
  const folder = launch.context.folders.find(({ role }) => role === 'input')!.id;
  const small = await desktop.upload('1k.bin', new Uint8Array(1024).fill(7), folder);
  const large = await desktop.upload('10m.bin', new Uint8Array(10 * 1024 * 1024).fill(7), folder);
  return { small: small.id, large: large.id };
}

/** A second port between the same two pages, answered by nothing but an echo, a fetch, or a call on a bare WebSocket. */
async function connectRaw(page: Page, frame: Frame): Promise<void> {
  await frame.evaluate(() => {
    addEventListener('message', ({ data, ports }) => {
      if (data !== 'raw port') return;
      const port = ports[0]!;
      const waiting: ((data: unknown) => void)[] = [];
      port.addEventListener('message', (event) => waiting.shift()!(event.data));
      port.start();
      Object.assign(window, {
        raw: (message: unknown) =>
          new Promise((resolve) => {
            waiting.push(resolve);
            port.postMessage(message);
          }),
      });
    });
  });
  await page.evaluate(async (protocols) => {
    const { port1, port2 } = new MessageChannel();
    const call = await openChannel();
    async function openChannel(): Promise<(fileId: string) => void> {
      const { csrf_token } = (await (await fetch('/api/session')).json()) as { csrf_token: string };
      const launched = await fetch('/api/launches', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hanabi-csrf': csrf_token },
        body: JSON.stringify({ module_id: 'bench-page' }),
      });
      const { id: launch } = (await launched.json()) as { id: string };
      const socket = new WebSocket(`ws://${location.host}/api/live`, [protocols.name, protocols.token + csrf_token]);
      socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
        const message = JSON.parse(data) as { op: string; data: unknown };
        if (message.op === 'reply') port1.postMessage(message.data);
      });
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      let made = 0;
      return (fileId) => {
        made += 1;
        const payload = { fileId };
        socket.send(JSON.stringify({ op: 'call', id: made, type: 'HANABI_READ_FILE', launch, payload }));
      };
    }
    const answer = async (path: string) => {
      const bytes = await (await fetch(path)).arrayBuffer();
      port1.postMessage(bytes, [bytes]);
    };
    port1.addEventListener('message', ({ data }: MessageEvent<{ fetch?: string; live?: string }>) => {
      if (data.fetch) void answer(`/api/files/${data.fetch}/content`);
      else if (data.live) call(data.live);
      else port1.postMessage(data);
    });
    port1.start();
    const frames = [...document.querySelectorAll('iframe')];
    frames.at(-1)!.contentWindow!.postMessage('raw port', '*', [port2]);
  }, LIVE);
  await frame.waitForFunction(() => 'raw' in window);
}

/** Medians of two functions of the frame, run in turn so that both see the same weather. */
async function inTurn(
  frame: Frame,
  ours: string,
  floor: string,
  rounds: number,
  // The clock of a page ticks in tenths of a millisecond; what is quicker is measured several at a time.
  repeats = 1,
): Promise<[number, number]> {
  const times = (await frame.evaluate(`(async () => {
    const ours = ${ours};
    const floor = ${floor};
    const times = [[], []];
    for (let round = 0; round < ${rounds} + 3; round += 1) {
      for (const [index, run] of [ours, floor].entries()) {
        const start = performance.now();
        for (let repeat = 0; repeat < ${repeats}; repeat += 1) await run(round);
        if (round >= 3) times[index].push((performance.now() - start) / ${repeats});
      }
    }
    return times;
  })()`)) as [number[], number[]];
  return [median(times[0]), median(times[1])];
}

async function getContext(frame: Frame): Promise<Figure> {
  const ours = '() => client.getContext()';
  const [sdk, raw] = await inTurn(frame, ours, '() => raw({ type: "echo", rid: "1" })', 60, 20);
  return figure('bridge.getContext', 'ms', sdk, raw, 'raw MessagePort round trip');
}

async function readFileFigure(
  frame: Frame,
  name: string,
  id: string,
  rounds: number,
  encoding = 'base64',
): Promise<Figure> {
  const [sdk, raw] = await inTurn(
    frame,
    `() => client.readFile("${id}", "${encoding}")`,
    `() => raw({ fetch: "${id}" })`,
    rounds,
  );
  return figure(name, 'ms', sdk, raw, 'raw MessagePort and fetch of the same file, transferred as a buffer');
}

async function readSmallFile(frame: Frame, id: string): Promise<Figure> {
  const [sdk, raw] = await inTurn(
    frame,
    `() => client.readFile("${id}", "base64")`,
    `() => raw({ live: "${id}" })`,
    300,
  );
  return figure('bridge.readFile1k', 'ms', sdk, raw, 'raw MessagePort and an open WebSocket, the same call');
}

async function writeFileFigure(frame: Frame): Promise<Figure> {
  const bytesB64 = Buffer.alloc(1024, 7).toString('base64');
  const write = `(round) => client.writeFile("w" + round + ".bin", "${bytesB64}")`;
  const [sdk] = await inTurn(frame, write, '() => 0', 60);
  return figure('bridge.writeFile1k', 'ms', sdk, 12, 'target');
}

/** Navigation with a session → the Start button can be used; and what that transferred. */
async function coldShell(page: Page, server: RunningServer): Promise<Figure[]> {
  const state = await page.context().storageState();
  const times: number[] = [];
  let bytes = 0;
  for (let round = 0; round < 5; round += 1) {
    const context = await page.context().browser()!.newContext({ storageState: state });
    const fresh = await context.newPage();
    await fresh.addInitScript('globalThis.__name = (named) => named');
    const devtools = await context.newCDPSession(fresh);
    await devtools.send('Network.enable');
    bytes = 0;
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await fresh.addInitScript(() => {
      const look = () => {
        if (document.querySelector('[data-start-button]')) Object.assign(window, { usableAt: performance.now() });
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await fresh.goto(server.url);
    await fresh.waitForFunction(() => 'usableAt' in window);
    times.push(await fresh.evaluate('window.usableAt'));
    await fresh.waitForLoadState('networkidle');
    await context.close();
  }
  return [
    figure('shell.cold', 'ms', median(times), 550, 'target'),
    figure('shell.bytes', 'KB', bytes / 1024, 250, 'target'),
  ];
}

async function amongTwenty(page: Page, server: RunningServer): Promise<Figure[]> {
  const storageState = await page.context().storageState();
  const context = await page.context().browser()!.newContext({ storageState });
  const desk = await context.newPage();
  await desk.goto(server.url);
  await desk.getByRole('button', { name: 'Start' }).waitFor();
  for (let opened = 0; opened < 20; opened += 1) await openBench(desk);
  const figures = await dragFigures(desk);
  await context.close();
  return figures;
}
