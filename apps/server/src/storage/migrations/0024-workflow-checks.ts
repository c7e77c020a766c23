import type { Kysely, Migration } from 'kysely';

/** What the last check of running workflows against a version came to, as JSON; null: nobody has looked. */
export const workflowChecks: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('module_versions').addColumn('workflow_check', 'text').execute();
  },
};
