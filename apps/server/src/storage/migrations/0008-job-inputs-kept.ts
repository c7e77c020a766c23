import type { Kysely, Migration } from 'kysely';

/** What a job worked on, by name and hash, after its contents were released: so that it can be run again. */
export const jobInputsKept: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('jobs').addColumn('inputs', 'text').execute();
  },
};
