/** The live channel as a person meets it: it goes and comes back with the server, and with the session. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, WebSocket } from '@playwright/test';
import { Desktop } from '../apps/server/test/harness/desktop.ts';
import { freePort } from '../apps/server/test/harness/free-port.ts';
import { hanabi } from '../apps/server/test/harness/hanabi.ts';
import { makeModule } from '../apps/server/test/harness/make-module.ts';
import { type RunningServer, startServer } from '../apps/server/test/harness/start-server.ts';
import { expect, openModule, signIn, startProgram, test } from './harness/house.ts';
import { ask, listen } from './harness/probe-client.ts';
import { PROBES } from './harness/probes.ts';

/** The channels that a page has opened, and what went over them. */
function watchChannels(page: Page): { open: () => number; calls: () => string[] } {
  const all: WebSocket[] = [];
  const sent: string[] = [];
  page.on('websocket', (socket) => {
    all.push(socket);
    socket.on('framesent', ({ payload }) => sent.push(String(payload)));
  });
  return {
    open: () => all.filter((socket) => !socket.isClosed()).length,
    calls: () => sent.flatMap((text) => /"op":"call".*"type":"(\w+)"/.exec(text)?.[1] ?? []),
  };
}

test('calls of modules travel over one channel, and none of them over HTTP', async ({ page, server }) => {
  const channels = watchChannels(page);
  const overHttp: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/capabilities/')) overHttp.push(request.url());
  });
  await signIn(page, server);
  await expect.poll(channels.open).toBe(1);
  const frames = [await openModule(page, 'probe-one'), await openModule(page, 'probe-data')];
  for (const frame of frames) {
    await listen(frame);
    expect((await ask(frame, 'HANABI_SET_SETTING', { key: 'k', value: 1 })).ok).toBe(true);
  }
  expect(channels.calls()).toEqual(['HANABI_SET_SETTING', 'HANABI_SET_SETTING']);
  expect([overHttp, channels.open()]).toEqual([[], 1]);
  // What is too large for it takes the other way, and nobody notices.
  const large = 'A'.repeat(2 ** 20);
  expect((await ask(frames[0]!, 'HANABI_WRITE_FILE', { name: 'large.bin', bytesB64: large })).ok).toBe(true);
  expect(overHttp.length).toBe(1);
});

test('a call whose channel breaks is made again where that does no harm, and else ends honestly', async ({
  page,
  server,
}) => {
  // The channel goes with the first call of each kind, before the server has seen it.
  const broken = new Set<string>();
  await page.routeWebSocket('**/api/live', (socket) => {
    const away = socket.connectToServer();
    socket.onMessage((message) => {
      const type = /"type":"(\w+)"/.exec(String(message))?.[1];
      if (type === undefined || broken.has(type)) {
        away.send(message);
        return;
      }
      broken.add(type);
      void socket.close({ code: 4999 });
    });
  });
  await signIn(page, server);
  const frame = await openModule(page, 'probe-data');
  await listen(frame);
  expect(await ask(frame, 'HANABI_GET_SETTING', { key: 'never set' })).toMatchObject({ ok: true });
  expect([...broken]).toEqual(['HANABI_GET_SETTING']);
  const put = { collection: 'c', id: 'once', data: 1 };
  // Over HTTP as long as there is no channel, so until one is back nothing can break.
  await expect.poll(async () => (await ask(frame, 'HANABI_DATA_PUT', put)).error?.code).toBe('HANABI-V011');
  expect([...broken]).toEqual(['HANABI_GET_SETTING', 'HANABI_DATA_PUT']);
});

test('File Explorer shows what another computer uploads', async ({ page, server }) => {
  await signIn(page, server);
  await startProgram(page, 'File Explorer');
  const explorer = page.getByRole('dialog', { name: /File Explorer/ });
  await expect(explorer.getByText('Documents').first()).toBeVisible();
  const elsewhere = await Desktop.signIn(server.url);
  const { id } = await elsewhere.upload('from afar.txt', 'hello');
  await expect(explorer.getByText('from afar.txt')).toBeVisible();
  await elsewhere.send('POST', '/api/items/trash', { items: [{ file_id: id }] });
  await expect(explorer.getByText('from afar.txt')).toHaveCount(0);
});

test('a module’s page cannot open the channel', async ({ page, server }) => {
  await signIn(page, server);
  const frame = await openModule(page, 'probe-one');
  const ended = await frame.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        try {
          const socket = new WebSocket(url, ['hanabi.live.1', 'hanabi.csrf.guess']);
          socket.addEventListener('open', () => resolve('open'));
          socket.addEventListener('error', () => resolve('refused'));
        } catch {
          resolve('refused');
        }
      }),
    `${server.url.replace('http', 'ws')}/api/live`,
  );
  expect(ended).toBe('refused');
});

test('a session that ends in one tab ends in the others at once', async ({ page, context, server }) => {
  await signIn(page, server);
  const tab = await context.newPage();
  await tab.goto(server.url);
  await expect(tab.getByRole('button', { name: 'Start', exact: true })).toBeVisible();
  await page.getByRole('button', { name: /admin/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(tab.getByText('Please sign in again')).toBeVisible();
});

test('what is revoked stops at once in an open window, also what the desktop answers by itself', async ({
  page,
  server,
}) => {
  await signIn(page, server);
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  const notify = () => ask(frame, 'HANABI_NOTIFY', { message: 'hello' });
  const grant = (...more: string[]) =>
    hanabi(server.data_dir, 'module', 'grant', 'probe-one', 'notifications', ...more);
  expect((await notify()).ok).toBe(true);
  await grant('--revoke');
  await expect.poll(async () => (await notify()).error?.code).toBe('HANABI-P002');
  await grant();
  await expect.poll(async () => (await notify()).ok).toBe(true);
});

test.describe('a server that is restarted', () => {
  let dataDir: string;
  let port: number;
  let server: RunningServer;
  const start = async () => {
    const wish = PROBES.find(({ id }) => id === 'probe-works')!;
    const dirs = [await makeModule(wish)];
    server = await startServer({
      data_dir: dataDir,
      env: {
        HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
        HANABI_MODULE_DIRS: dirs.join(':'),
        HANABI_PORT: String(port),
      },
    });
  };
  test.beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hanabi-restarted-'));
    port = await freePort();
    await start();
  });
  test.afterEach(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  test('is found again, and everything is live as before', async ({ page }) => {
    const channels = watchChannels(page);
    await signIn(page, server);
    await expect.poll(channels.open).toBe(1);
    const frame = await openModule(page, 'probe-works');
    await listen(frame);
    await startProgram(page, 'Jobs');
    const jobs = page.getByRole('dialog', { name: 'Jobs' });
    await frame.evaluate(() => {
      window.raw({ v: 1, type: 'HANABI_CREATE_JOB', rid: 'long', options: { seconds: 300 }, stream: true });
    });
    await expect(jobs.locator('[data-state="running"]')).toContainText('30 %');
    await server.stop();
    // What was under way is answered, and honestly: nobody knows how far it came.
    const answer = () => frame.evaluate(() => window.heard.find(({ rid, ok }) => rid === 'long' && ok !== undefined));
    await expect.poll(answer).toMatchObject({ ok: false, error: { code: 'HANABI-V011' } });
    expect((await answer())?.error?.message).toContain('it may have been done');
    expect((await ask(frame, 'HANABI_LIST_JOBS')).error).toMatchObject({ code: 'HANABI-V011' });
    expect(channels.open()).toBe(0);
    await start();
    await expect.poll(channels.open, { timeout: 60_000 }).toBe(1);
    // The list has caught up with what it missed, and follows again.
    await expect(jobs.locator('[data-state="failed"]')).toBeVisible();
    const queued = await ask(frame, 'HANABI_QUEUE_TASK', { options: { say: 'back' } });
    const { id } = queued.data!['job'] as { id: string };
    await expect(jobs.locator(`[data-job="${id}"][data-state="completed"]`)).toBeVisible();
  });
});
