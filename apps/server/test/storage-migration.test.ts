/** A data folder of the first version, brought to the newest. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, Migrator } from 'kysely';
import { expect, it } from 'vitest';
import { FileTree } from '../src/storage/file-tree.ts';
import { MIGRATIONS } from '../src/storage/migrations.ts';
import { dropDatabase, openDb, openDialect } from './harness/engine.ts';

const times = { created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z' };

type Row = Record<string, string | number | null>;

it('keeps what was there, and says of a module’s folder only at its root whose it is', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hanabi-migration-'));
  const old = new Kysely<Record<'users' | 'folders' | 'files', Row>>({ dialect: await openDialect(dir, 'empty') });
  const first = { '0001-first': MIGRATIONS['0001-first']! };
  await new Migrator({ db: old, provider: { getMigrations: async () => first } }).migrateToLatest();
  const user = { id: 'u', name: 'ada', role: 'admin', password_hash: '', root_folder_id: 'home' };
  await old
    .insertInto('users')
    .values({ ...user, created_at: times.created_at })
    .execute();
  const folder = (id: string, parent_id: string | null, module_id: string | null, role: string | null = null) => ({
    id,
    user_id: 'u',
    parent_id,
    name: id,
    module_id,
    role,
    ...times,
  });
  await old
    .insertInto('folders')
    .values([
      folder('home', null, null),
      folder('Modules', 'home', null),
      folder('root', 'Modules', 'm'),
      folder('Exports', 'root', 'm', 'output'),
      folder('Été', 'Exports', 'm'),
      folder('plain', 'home', null),
    ])
    .execute();
  const file = { user_id: 'u', folder_id: 'Été', mime_type: 'text/plain', sha256: 'a'.repeat(64), ...times };
  await old
    .insertInto('files')
    .values([
      { ...file, id: 'f1', name: 'One', size_bytes: 40 },
      { ...file, id: 'f2', name: 'Two', size_bytes: 2 },
    ])
    .execute();
  await old.destroy();

  const db = await openDb(dir);
  const tree = new FileTree(db);
  const marked = await db
    .selectFrom('folders')
    .select(['id', 'module_id'])
    .where('module_id', 'is not', null)
    .execute();
  expect(marked).toEqual([{ id: 'root', module_id: 'm' }]);
  expect(await tree.place('Été')).toEqual({ module_id: 'm', trashed: false, depth: 4 });
  expect(await tree.place('plain')).toEqual({ module_id: null, trashed: false, depth: 1 });
  expect(await tree.usage('u')).toEqual({ used_bytes: 42, limit_bytes: null, trash_bytes: 0 });
  expect((await tree.search('u', 'ETE')).map(({ item }) => item.kind === 'folder' && item.folder.id)).toEqual(['Été']);
  const one = (await tree.file('u', 'f1'))!;
  await tree.trash([{ kind: 'file', file: one }]);
  expect(await tree.file('u', 'f1')).toBeUndefined();
  await tree.restore('u', [{ file_id: 'f1' }]);
  expect(await tree.file('u', 'f1')).toEqual(one);
  await db.destroy();
  await dropDatabase(dir);
  await rm(dir, { recursive: true });
});
