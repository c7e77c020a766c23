import { type Kysely, type Migration, sql } from 'kysely';

/** What the queue asks for all the time: the next ones of each user, and how many of a user somebody has. */
export const queueIndexes: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create index jobs_free on jobs (user_id, priority desc, seq) where state = 'queued' and lease_owner is null
    `.execute(db);
    await sql`create index jobs_leased on jobs (user_id) where lease_owner is not null`.execute(db);
  },
};
