/**
 * A house with a stranger's module in it: published by a developer, approved, and installed by the user who looks at the
 * desktop. All that goes to the server goes over a road that remembers; beside it stands a stage, a page in which the
 * same script runs without walls, so that whatever does not work in the module is known to work at all.
 */
import { fileURLToPath } from 'node:url';
import { type BrowserContext, type Frame, type Page, expect, test as base } from '@playwright/test';
import { buildSync } from 'esbuild';
import { Desktop } from '../../apps/server/test/harness/desktop.ts';
import type { ModuleWish } from '../../apps/server/test/harness/make-module.ts';
import { developers, install, publish } from '../../apps/server/test/harness/publishing.ts';
import { type RunningServer, startServer } from '../../apps/server/test/harness/start-server.ts';
import { openModule } from '../harness/house.ts';
import { type Listener, listenForAnything } from './listener.ts';
import { type RecordedRoad, recordedRoad } from './recorded-road.ts';

const SCRIPT = buildSync({
  entryPoints: [fileURLToPath(new URL('module/main.ts', import.meta.url))],
  bundle: true,
  write: false,
  target: 'es2022',
}).outputFiles[0]!.text;

const ACTOR = '<!doctype html><title>evil</title><body>evil<script src="evil.js"></script>';
const STAGE =
  '<!doctype html><title>stage</title><iframe src="/sibling"></iframe><iframe src="/actor" name="actor"></iframe>';

const EVERYDAY: ModuleWish['permissions'] = [
  'files.read',
  'files.write',
  'settings.self',
  'data.store',
  'notifications',
  'jobs.create',
  'jobs.queue',
  'modules.use',
];

export const EVIL: ModuleWish = {
  id: 'evil',
  permissions: [...EVERYDAY, 'files.read.all', 'worker.execute'],
  manifest: { name: 'Evil' },
  files: { 'ui/index.html': ACTOR, 'ui/evil.js': SCRIPT, 'ui/elsewhere.html': ACTOR },
  worker:
    'import time\ndef run(inputs, options):\n    time.sleep(float(options.get("seconds", 0)))\n    return {"out.txt": "made"}\n',
};

const VICTIM: ModuleWish = {
  id: 'victim',
  permissions: EVERYDAY,
  manifest: { name: 'Victim' },
  files: { 'ui/index.html': '<!doctype html><title>victim</title><body>victim', 'ui/secret.txt': 'of the victim' },
};

/** Takes the focus as soon as it has lost it, and nobody has touched it for that. */
const GREEDY: ModuleWish = {
  id: 'greedy',
  manifest: { name: 'Greedy' },
  files: {
    'ui/index.html': '<!doctype html><title>greedy</title><body><input autofocus><script src="take.js"></script>',
    'ui/take.js': `
      const input = document.querySelector('input');
      const take = () => { window.focus(); input.focus(); requestAnimationFrame(take); };
      setInterval(() => input.focus(), 1);
      take();`,
  },
};

export interface House {
  server: RunningServer;
  road: RecordedRoad;
  /** The developer of the evil module, the one who approves, and the user who has it. */
  developer: Desktop;
  admin: Desktop;
  user: Desktop;
}

export interface Options {
  /** Where modules live, with `PORT` for that of the server; undefined: with the desktop. */
  moduleOrigin: string | undefined;
}

export const test = base.extend<
  { desktop: Page; evil: Frame; stage: Frame },
  Options & { house: House; theatre: Listener }
>({
  moduleOrigin: [undefined, { option: true, scope: 'worker' }],
  house: [
    async ({ moduleOrigin }, use) => {
      const road = await recordedRoad();
      const server = await startServer({
        env: {
          HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
          ...(moduleOrigin && { HANABI_MODULE_ORIGIN: moduleOrigin.replace('PORT', String(road.port)) }),
        },
        users: ['mika', 'other'],
        prepare: developers('mallory', 'dora'),
      });
      road.leadTo(server.url);
      const signIn = (name: string) => Desktop.signIn(road.url, name, name);
      const admin = await Desktop.signIn(road.url);
      const [developer, dora, user] = [await signIn('mallory'), await signIn('dora'), await signIn('mika')];
      await publish(developer, admin, EVIL, { permissions: ['worker.execute'] });
      for (const wish of [VICTIM, GREEDY]) await publish(dora, admin, wish);
      for (const { id } of [EVIL, VICTIM, GREEDY]) await install(user, id);
      await use({ server: { ...server, url: road.url }, road, developer, admin, user });
      await server.stop();
      road.close();
    },
    { scope: 'worker' },
  ],
  theatre: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names it takes from the pattern
    async ({}, use) => {
      const theatre = await listenForAnything({
        '/': STAGE,
        '/actor': ACTOR,
        '/sibling': 'sibling',
        '/evil.js': SCRIPT,
        '/sw.js': '',
      });
      await use(theatre);
      await theatre.close();
    },
    { scope: 'worker' },
  ],
  desktop: async ({ context, house }, use) => use(await enter(context, house)),
  evil: async ({ desktop }, use) => use(await openEvil(desktop)),
  stage: async ({ context, theatre }, use) => use(await takeStage(context, theatre)),
});

export { expect };

/** The desktop of the user, with their session, without typing the password each time. */
export async function enter(context: BrowserContext, { server, user }: Pick<House, 'server' | 'user'>): Promise<Page> {
  const [name, value] = user.cookie.split('=') as [string, string];
  await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: 'Strict' }]);
  const page = await context.newPage();
  await page.goto(server.url);
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeVisible();
  return page;
}

/** The evil module’s page, beside a window of the victim. */
export async function openEvil(desktop: Page): Promise<Frame> {
  await openModule(desktop, 'Victim');
  return openModule(desktop, 'Evil');
}

/** A frame without walls, within a page that is as good as a desktop. */
export async function takeStage(context: BrowserContext, theatre: Listener): Promise<Frame> {
  const page = await context.newPage();
  await page.goto(theatre.url);
  const actor = page.frame({ name: 'actor' })!;
  await actor.waitForLoadState('load');
  return actor;
}

/** Begins an attempt. The page may be gone before it can say that it has begun. */
export async function attempt(frame: Frame, name: string, to: string): Promise<void> {
  await frame.evaluate(([what, where]) => window.attempt(what, where), [name, to] as const).catch(() => undefined);
}
