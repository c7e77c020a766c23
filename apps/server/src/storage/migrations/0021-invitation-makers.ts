import type { Kysely, Migration } from 'kysely';

/** Which administrator made an invitation; null: it is from before this was noted, or made on the command line. */
export const invitationMakers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('invitations')
      .addColumn('created_by', 'text', (c) => c.references('users.id').onDelete('cascade'))
      .execute();
  },
};
