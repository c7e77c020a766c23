import type { Kysely, Migration } from 'kysely';

/** Uploads that can be gone on with, and the thumbnails of contents. */
export const uploads: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('uploads')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('folder_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('size_bytes', 'bigint', (c) => c.notNull())
      .addColumn('offset_bytes', 'bigint', (c) => c.notNull())
      .addColumn('sha256', 'text')
      .addColumn('file_id', 'text')
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('uploads_owner').on('uploads').column('user_id').execute();
    await db.schema.createIndex('uploads_expiry').on('uploads').column('expires_at').execute();
    await db.schema
      .createTable('thumbnails')
      .addColumn('source_sha256', 'text', (c) => c.primaryKey())
      .addColumn('sha256', 'text')
      .addColumn('size_bytes', 'integer')
      .addColumn('mime_type', 'text')
      .addColumn('made_at', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('thumbnails_content').on('thumbnails').column('sha256').execute();
  },
};
