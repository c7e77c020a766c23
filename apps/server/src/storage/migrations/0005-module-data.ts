import type { Kysely, Migration } from 'kysely';

/** Documents of modules, and the index of their top-level fields. */
export const moduleData: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('data_used')
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('collections', 'integer', (c) => c.notNull())
      .addColumn('records', 'integer', (c) => c.notNull())
      .addColumn('used_bytes', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('data_used_key', ['user_id', 'module_id'])
      .execute();
    await db.schema
      .createTable('data_collections')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('records', 'integer', (c) => c.notNull())
      .addUniqueConstraint('data_collections_name', ['user_id', 'module_id', 'name'])
      .execute();
    await db.schema
      .createTable('data_documents')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('collection_seq', 'bigint', (c) => c.notNull().references('data_collections.seq').onDelete('cascade'))
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('size_bytes', 'integer', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('updated_at', 'text', (c) => c.notNull())
      // Last, so that the columns before it can be read without the pages that a long one fills.
      .addColumn('data', 'text', (c) => c.notNull())
      .addUniqueConstraint('data_documents_id', ['collection_seq', 'id'])
      .execute();
    await db.schema
      .createIndex('data_documents_newest')
      .on('data_documents')
      .columns(['collection_seq', 'seq'])
      .execute();
    await db.schema
      .createTable('data_terms')
      .addColumn('document_seq', 'bigint', (c) => c.notNull().references('data_documents.seq').onDelete('cascade'))
      .addColumn('term', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('data_terms_term').on('data_terms').columns(['term', 'document_seq']).execute();
    await db.schema.createIndex('data_terms_document').on('data_terms').column('document_seq').execute();
  },
};
