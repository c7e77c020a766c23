import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { useScratchFolder } from './tools/setup/scratch-folder.ts';

useScratchFolder();

/** What of the server depends on the engine: these run on SQLite with the others, and once more on PostgreSQL. */
const ON_POSTGRES = [
  'backup',
  'data-{capabilities,kill,store}',
  'file-capabilities',
  'items-move',
  'job-{kill,queue,store}',
  'jobs',
  'live-events',
  'module-{publishing,review}',
  'network',
  'postgres-*',
  'schedules',
  'settings',
  'storage-{collector,migration,quota}',
  'thumbnail-made',
  'trash-restore',
  'upload-{kill,tus}',
];

export default defineConfig({
  test: {
    allowOnly: !process.env['CI'],
    // `npm test` runs two suites side by side.
    maxWorkers: Math.max(1, Math.floor(availableParallelism() / 2)),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/{protocol,module-sdk,module-package}/test/**/*.test.ts', 'tools/test/**/*.test.ts'],
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
          exclude: ['apps/server/test/postgres-*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'server-postgres',
          include: ON_POSTGRES.map((name) => `apps/server/test/${name}.test.ts`),
          globalSetup: ['tools/setup/postgres-for-tests.ts'],
          setupFiles: ['apps/server/test/harness/use-postgres.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      './apps/web/vite.config.ts',
    ],
  },
});
