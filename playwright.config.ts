import { defineConfig } from '@playwright/test';
import { useScratchFolder } from './tools/setup/scratch-folder.ts';

useScratchFolder();

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
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
