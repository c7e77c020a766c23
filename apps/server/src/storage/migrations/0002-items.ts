import { type Kysely, type Migration, sql } from 'kysely';
import { newId } from '../../ids.ts';
import { folded } from '../folded.ts';

/** The Trash, moving and copying, quotas, searching, associations. Rows are typed as they are at this migration. */
interface Before {
  users: { id: string };
  folders: { id: string; user_id: string; name: string; created_at: string; updated_at: string } & Record<
    'parent_id' | 'module_id' | 'top' | 'search_name',
    string | null
  >;
  files: { id: string; user_id: string; name: string; search_name: string; size_bytes: number };
  storage_used: { user_id: string; used_bytes: number };
}

export const items: Migration = {
  async up(anyDb: Kysely<unknown>) {
    const db = anyDb as Kysely<Before>;
    await addColumns(db);
    await addTables(db);
    await moduleOnRootsOnly(db);
    await addTops(db);
    for (const table of ['folders', 'files'] as const) {
      for (const { id, name } of await db.selectFrom(table).select(['id', 'name']).execute()) {
        await db
          .updateTable(table)
          .set({ search_name: folded(name) })
          .where('id', '=', id)
          .execute();
      }
    }
    await sql`
      insert into storage_used (user_id, used_bytes)
      select id, coalesce((select sum(size_bytes) from files where user_id = users.id), 0) from users
    `.execute(db);
    await addIndexes(db);
  },
};

async function addColumns(db: Kysely<Before>): Promise<void> {
  await db.schema.alterTable('users').addColumn('storage_limit_bytes', 'bigint').execute();
  await db.schema.alterTable('folders').addColumn('top', 'text').execute();
  for (const table of ['folders', 'files']) {
    await db.schema
      .alterTable(table)
      .addColumn('search_name', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
  }
}

async function addTables(db: Kysely<Before>): Promise<void> {
  await db.schema
    .createTable('storage_used')
    .addColumn('user_id', 'text', (c) => c.primaryKey().references('users.id').onDelete('cascade'))
    .addColumn('used_bytes', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('trash_items')
    .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('holder_id', 'text', (c) => c.notNull().unique().references('folders.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('item_id', 'text', (c) => c.notNull().unique())
    .addColumn('original_folder_id', 'text', (c) => c.notNull())
    .addColumn('original_path', 'text', (c) => c.notNull())
    .addColumn('trashed_at', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('dropped_blobs')
    .addColumn('sha256', 'text', (c) => c.primaryKey())
    .addColumn('dropped_at', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('associations')
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('extension', 'text', (c) => c.notNull())
    .addColumn('module_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('associations_key', ['user_id', 'extension'])
    .execute();
}

/** Whose folder it is was written on every sub-folder; moving one would then mean to rewrite all below it. */
async function moduleOnRootsOnly(db: Kysely<Before>): Promise<void> {
  await sql`
    update folders set module_id = null where module_id is not null and id not in (
      select child.id from folders child left join folders parent on parent.id = child.parent_id
      where child.module_id is not null and (parent.module_id is null or parent.module_id <> child.module_id)
    )
  `.execute(db);
}

async function addTops(db: Kysely<Before>): Promise<void> {
  await db.updateTable('folders').set({ top: 'home' }).where('parent_id', 'is', null).execute();
  await db.schema.dropIndex('folders_one_root').execute();
  await sql`create unique index folders_tops on folders (user_id, top) where parent_id is null`.execute(db);
  const time = new Date().toISOString();
  for (const { id } of await db.selectFrom('users').select('id').execute()) {
    const trash = { id: newId(), user_id: id, parent_id: null, module_id: null, search_name: '' };
    await db
      .insertInto('folders')
      .values({ ...trash, name: 'Trash', top: 'trash', created_at: time, updated_at: time })
      .execute();
  }
}

async function addIndexes(db: Kysely<Before>): Promise<void> {
  const index = (name: string) => db.schema.createIndex(name);
  await index('files_search').on('files').columns(['user_id', 'search_name']).execute();
  await index('folders_search').on('folders').columns(['user_id', 'search_name']).execute();
  await index('files_recent').on('files').columns(['user_id', 'updated_at']).execute();
  await index('trash_items_owner').on('trash_items').columns(['user_id', 'seq']).execute();
  await index('dropped_blobs_time').on('dropped_blobs').column('dropped_at').execute();
  // Without these, each file that is deleted for good would mean to read both tables.
  await index('launch_files_file').on('launch_files').column('file_id').execute();
  await index('job_outputs_file').on('job_outputs').column('file_id').execute();
}
