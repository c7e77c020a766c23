import type { Kysely, Migration } from 'kysely';

/** What developers publish, what became of it, and which user has which version. */
export const moduleVersions: Migration = {
  async up(db: Kysely<unknown>) {
    const table = (name: string) => db.schema.createTable(name);
    await table('published_modules')
      .addColumn('module_id', 'text', (c) => c.primaryKey())
      .addColumn('developer_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('live_version', 'text')
      .addColumn('suspended_at', 'text')
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();
    await table('module_versions')
      .addColumn('module_id', 'text', (c) => c.notNull().references('published_modules.module_id').onDelete('cascade'))
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('package_dir', 'text', (c) => c.notNull())
      .addColumn('package_sha256', 'text', (c) => c.notNull())
      .addColumn('public_key', 'text')
      .addColumn('size_bytes', 'bigint', (c) => c.notNull())
      .addColumn('manifest', 'text', (c) => c.notNull())
      .addColumn('files', 'text', (c) => c.notNull())
      .addColumn('findings', 'text', (c) => c.notNull())
      .addColumn('assigned', 'text', (c) => c.notNull())
      .addColumn('note', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('decided_at', 'text')
      .addPrimaryKeyConstraint('module_versions_key', ['module_id', 'version'])
      .execute();
    await db.schema.createIndex('module_versions_state').on('module_versions').column('state').execute();
    await table('module_steps')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('step', 'text', (c) => c.notNull())
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('note', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('module_steps_module').on('module_steps').columns(['module_id', 'seq']).execute();
    await table('module_installs')
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('installed_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('module_installs_key', ['user_id', 'module_id'])
      .execute();
    await db.schema.createIndex('module_installs_module').on('module_installs').column('module_id').execute();
    await table('publish_keys')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('key_hash', 'text', (c) => c.notNull().unique())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('used_at', 'text')
      .execute();
  },
};
