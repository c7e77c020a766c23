import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { useScratchFolder } from './tools/setup/scratch-folder.ts';

useScratchFolder();

/** What of the server depends on the engine: these run on SQLite with the others, and once more on PostgreSQL. */
const ON_POSTGRES = [
  'activity-attempts',
  'backup',
  'connect*',
  'data-{capabilities,kill,store}',
  'file-capabilities',
  'items-move',
  'job-{kill,queue,store}',
  'jobs',
  'live-events',
  'module-{publishing,quotas,review}',
  'network',
  'notices',
  'postgres-*',
  'schedules',
  'services',
  'settings',
  'storage-{collector,migration,quota}',
  'thumbnail-made',
  'trash-restore',
  'upload-tus',
  'workflow-{bounds,check,list,rows}',
  'workflows',
];

export default defineConfig({
  test: {
    allowOnly: !process.env['CI'],
    // `npm test` runs two suites side by side, and yet one for each core: tests of servers wait more than they compute.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/{protocol,module-sdk,module-package}/test/**/*.test.ts', 'tools/test/**/*.test.ts'],
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'sandbox',
          include: ['packages/{sandbox,module-cli}/test/**/*.test.ts'],
          exclude: ['packages/sandbox/test/temporal/**'],
          globalSetup: ['tools/setup/docker-for-tests.ts'],
          // Some of them measure memory and processor time, which a neighbour would disturb.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'temporal',
          include: ['packages/sandbox/test/temporal/**/*.test.ts', 'apps/server/test/temporal/**/*.test.ts'],
          globalSetup: ['tools/setup/temporal-for-tests.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'server',
          include: ['apps/server/test/**/*.test.ts'],
          exclude: ['apps/server/test/postgres-*.test.ts', 'apps/server/test/temporal/**'],
          // What they test runs in processes of its own; loading the harness anew for each file would cost a minute.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'server-postgres',
          include: ON_POSTGRES.map((name) => `apps/server/test/${name}.test.ts`),
          globalSetup: ['tools/setup/postgres-for-tests.ts'],
          setupFiles: ['apps/server/test/harness/use-postgres.ts'],
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      './apps/web/vite.config.ts',
    ],
  },
});
