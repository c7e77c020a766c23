/** Before each file of the project that runs on PostgreSQL. */
import { inject } from 'vitest';
import { POSTGRES_VARIABLE } from './engine.ts';

process.env[POSTGRES_VARIABLE] = inject('postgres');

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the database to make others from. */
    postgres: string;
  }
}
