import type { Kysely, Migration } from 'kysely';

/** When the tick of a service began whose end nobody has told: where there is one at a start, it was cut off. */
export const cutTicks: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('services').addColumn('begun_tick_ms', 'bigint').execute();
  },
};
