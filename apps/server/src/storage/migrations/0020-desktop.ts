import type { Kysely, Migration } from 'kysely';

/** Shortcuts of modules, and what modules have put onto the desktop and may take away again. */
export const desktop: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('desktop_shortcuts')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('label', 'text', (c) => c.notNull())
      .addColumn('action', 'text')
      .addColumn('file_id', 'text', (c) => c.references('files.id').onDelete('cascade'))
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();
    const owner = ['user_id', 'module_id'];
    await db.schema.createIndex('desktop_shortcuts_owner').on('desktop_shortcuts').columns(owner).execute();
    await db.schema.createIndex('desktop_shortcuts_file').on('desktop_shortcuts').column('file_id').execute();
    await db.schema
      .createTable('desktop_files')
      .addColumn('file_id', 'text', (c) => c.primaryKey().references('files.id').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('desktop_folders')
      .addColumn('folder_id', 'text', (c) => c.primaryKey().references('folders.id').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .execute();
  },
};
