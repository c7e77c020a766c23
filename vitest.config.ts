import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    allowOnly: !process.env['CI'],
    // `npm test` runs two suites side by side.
    maxWorkers: Math.max(1, Math.floor(availableParallelism() / 2)),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/{protocol,module-sdk}/test/**/*.test.ts', 'tools/test/**/*.test.ts'],
          isolate: false,
        },
      },
      {
        test: {
          name: 'sandbox',
          include: ['packages/{sandbox,module-cli}/test/**/*.test.ts'],
          globalSetup: ['tools/setup/docker-for-tests.ts'],
          // Some of them measure memory and processor time, which a neighbour would disturb.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'server',
          include: ['apps/server/test/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      './apps/web/vite.config.ts',
    ],
  },
});
