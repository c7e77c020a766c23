import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS } from './tools/setup/chromium-args.ts';
import { useScratchFolder } from './tools/setup/scratch-folder.ts';

useScratchFolder();

/** Frames of modules have processes of their own, as in the browser that people use; the small one wants to be told. */
const ARGS = [...CHROMIUM_ARGS, '--site-per-process'];

export default defineConfig({
  testDir: './tests',
  testMatch: '**/*.spec.ts',
  outputDir: './test-results',
  forbidOnly: Boolean(process.env['CI']),
  // A test that passes only the second time has found something.
  retries: 0,
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  use: {
    screenshot: 'only-on-failure',
    // What it answered would not be seen by the tests; its own test lets it in.
    serviceWorkers: 'block',
    launchOptions: { args: ARGS },
  },
  projects: [
    {
      // The same engine without menus and tabs around it: a third less to compute for each page.
      name: 'desktop',
      testIgnore: '**/evil/**',
      use: { launchOptions: { args: ARGS, executablePath: '/usr/bin/chromium-headless-shell' } },
    },
    {
      // What keeps strangers in their frames is tried in the browser that people have.
      name: 'evil',
      testMatch: '**/evil/*.spec.ts',
      use: { launchOptions: { args: ARGS, executablePath: '/usr/bin/chromium' } },
    },
  ],
});
