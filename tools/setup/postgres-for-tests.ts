/** One PostgreSQL for all tests of the project, with a database that has the tables and of which each test gets a copy. */
import type { TestProject } from 'vitest/node';
import { makeTemplate } from '../../apps/server/test/harness/engine.ts';
import { startPostgres } from './postgres.mjs';

export default async function postgresForTests(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await startPostgres();
  await makeTemplate(url).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  project.provide('postgres', url);
  return stop;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the database to make others from. */
    postgres: string;
  }
}
