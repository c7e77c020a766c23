import type { Kysely, Migration } from 'kysely';

interface Before {
  workflow_activities: { run_id: string; event_id: number; activity_id: string };
  workflow_events: { run_id: string; event_id: number; attributes: string };
}

/** Activities by what their workflows call them, as those outside know them. */
export const activityIds: Migration = {
  async up(plain: Kysely<unknown>) {
    const db = plain as Kysely<Before>;
    await db.schema
      .alterTable('workflow_activities')
      .addColumn('activity_id', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
    const rows = await db.selectFrom('workflow_activities').select(['run_id', 'event_id']).execute();
    // One by one: an event may be large.
    for (const { run_id, event_id } of rows) {
      const event = await db
        .selectFrom('workflow_events')
        .select('attributes')
        .where('run_id', '=', run_id)
        .where('event_id', '=', event_id)
        .executeTakeFirst();
      const { activityId = '' } = JSON.parse(event?.attributes ?? '{}') as { activityId?: string };
      await db
        .updateTable('workflow_activities')
        .set({ activity_id: activityId })
        .where('run_id', '=', run_id)
        .where('event_id', '=', event_id)
        .execute();
    }
    await db.schema
      .createIndex('workflow_activities_id')
      .on('workflow_activities')
      .columns(['run_id', 'activity_id'])
      .execute();
  },
};
