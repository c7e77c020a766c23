/** The whole house for a test in a browser: a real server on a data folder of its own, and a desktop signed in to it. */
import { type Cookie, type Frame, type Page, expect, test as base } from '@playwright/test';
import { ADMIN_PASSWORD, type RunningServer, startServer } from '../../apps/server/test/harness/start-server.ts';
import { makeModule } from '../../apps/server/test/harness/make-module.ts';
import { PROBES } from './probes.ts';

/**
 * One server for the tests of a file; each test has a fresh page. `foreignRequests` fills with the addresses of
 * other hosts that the page asked for.
 */
export const test = base.extend<{ foreignRequests: string[] }, { server: RunningServer }>({
  server: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names it takes from the pattern
    async ({}, use) => {
      const dirs = await Promise.all(PROBES.map(makeModule));
      const server = await startServer({
        env: { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap', HANABI_MODULE_DIRS: dirs.join(':') },
        users: ['other'],
      });
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  foreignRequests: async ({ page, server }, use) => {
    const foreign: string[] = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== server.url) foreign.push(request.url());
    });
    page.on('requestfailed', (request) => {
      // The policy stopped it before it left the browser.
      const index = foreign.indexOf(request.url());
      if (request.failure()?.errorText === 'csp' && index >= 0) foreign.splice(index, 1);
    });
    await use(foreign);
  },
});

export { expect };

/** The session of the admin on each server, so that only the first test of a server goes through the sign-in. */
const sessions = new WeakMap<RunningServer, Cookie[]>();

/** The desktop of the admin, in a session that tests share; where one has ended it, they sign in once more. */
export async function signIn(page: Page, server: RunningServer): Promise<void> {
  await page.context().addCookies(sessions.get(server) ?? []);
  await signInAnew(page, server);
  sessions.set(server, await page.context().cookies(server.url));
}

/** The desktop of the admin, in a session of its own unless the browser has one. */
export async function signInAnew(page: Page, server: RunningServer): Promise<void> {
  await page.goto(server.url);
  const name = page.getByLabel('Name');
  const start = page.getByRole('button', { name: 'Start', exact: true });
  await expect(start.or(name)).toBeVisible();
  if (await start.isVisible()) return;
  await name.fill('admin');
  await page.getByLabel('Password', { exact: true }).fill(ADMIN_PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(start).toBeVisible();
}

/** Chooses a program in the Start menu once the menu shows it. */
export async function startProgram(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const menu = page.getByRole('dialog', { name: 'Start menu' });
  await menu.getByRole('combobox', { name: 'Search programs' }).fill(name);
  await expect(menu.getByRole('option', { name, selected: true })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(menu).toHaveCount(0);
}

/** Opens a module from the Start menu, as a person does. */
export async function openModule(page: Page, name: string): Promise<Frame> {
  const known = new Set(page.frames());
  await startProgram(page, name);
  // A frame begins as an empty page, which is loaded as well; what counts is the module's own.
  const opened = () => page.frames().find((frame) => !known.has(frame) && frame.url().includes('/runtime/modules/'));
  await expect.poll(() => opened() !== undefined).toBe(true);
  const frame = opened()!;
  await frame.waitForLoadState('load');
  return frame;
}

const VIEWS = ['window', 'phone'] as const;

/**
 * Writes the same tests down for each way of looking at the desktop: in a window of that height, and on a telephone, both
 * in light. They stand still: half transparent in the middle of fading in, everything has too little contrast.
 */
export function inEachView(run: (name: (typeof VIEWS)[number]) => void, height = 800): void {
  for (const name of VIEWS) {
    test.describe(name, () => {
      test.use({
        viewport: name === 'phone' ? { width: 390, height: 844 } : { width: 1280, height },
        colorScheme: 'light',
        contextOptions: { reducedMotion: 'reduce' },
      });
      run(name);
    });
  }
}
