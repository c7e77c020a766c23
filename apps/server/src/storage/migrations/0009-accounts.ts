import { type Kysely, type Migration, sql } from 'kysely';
import { nameKey } from '../../accounts/names.ts';
import { appendOnly } from './append-only.ts';

/** Names that are compared as people read them, invitations, what a session tells of itself, and the second factor. */
export const accounts: Migration = {
  async up(db: Kysely<unknown>) {
    const table = (name: string) => db.schema.createTable(name);
    const users = db.schema.alterTable('users');
    await users.addColumn('name_key', 'text', (c) => c.notNull().defaultTo('')).execute();
    await users.addColumn('disabled_at', 'text').execute();
    await fillNameKeys(db);
    await db.schema.createIndex('users_by_name_key').on('users').column('name_key').unique().execute();
    const sessions = db.schema.alterTable('sessions');
    for (const column of ['user_agent', 'address', 'way']) {
      await sessions.addColumn(column, 'text', (c) => c.notNull().defaultTo('')).execute();
    }
    await sessions.addColumn('confirmed_at', 'text').execute();
    await db.schema.createIndex('sessions_user').on('sessions').column('user_id').execute();
    await sql`update sessions set way = 'password'`.execute(db);
    await table('invitations')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('token_hash', 'text', (c) => c.notNull().unique())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.references('users.id').onDelete('cascade'))
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('storage_limit_bytes', 'bigint')
      .addColumn('note', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .execute();
    await table('totp')
      .addColumn('user_id', 'text', (c) => c.primaryKey().references('users.id').onDelete('cascade'))
      .addColumn('secret', 'text', (c) => c.notNull())
      .addColumn('last_step', 'bigint', (c) => c.notNull())
      .addColumn('active', 'integer', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();
    await table('recovery_codes')
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('code_hash', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('recovery_codes_key', ['user_id', 'code_hash'])
      .execute();
    await table('audit_events')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('event', 'text', (c) => c.notNull())
      .addColumn('outcome', 'text', (c) => c.notNull())
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('module_id', 'text')
      .addColumn('module_version', 'text')
      .addColumn('permission', 'text')
      .addColumn('request_id', 'text')
      .addColumn('address', 'text')
      .addColumn('detail', 'text', (c) => c.notNull())
      .execute();
    for (const column of ['event', 'actor', 'subject', 'module_id']) {
      await db.schema.createIndex(`audit_events_${column}`).on('audit_events').columns([column, 'seq']).execute();
    }
    await appendOnly(db, 'audit_events');
  },
};

interface UserNames {
  id: string;
  name: string;
  name_key: string;
}

/** Where two accounts would now have the same name, the later one keeps its own, which nobody else can take. */
async function fillNameKeys(anyDb: Kysely<unknown>): Promise<void> {
  const db = anyDb as Kysely<Record<'users', UserNames>>;
  const taken = new Set<string>();
  for (const { id, name } of await db.selectFrom('users').selectAll().execute()) {
    const key = taken.has(nameKey(name)) ? name : nameKey(name);
    taken.add(key);
    await db.updateTable('users').set({ name_key: key }).where('id', '=', id).execute();
  }
}
