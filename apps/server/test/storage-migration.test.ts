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

/** A database with what the migrations before that one make. */
async function openBefore(dir: string, next: string): Promise<Kysely<Record<string, Row>>> {
  const db = new Kysely<Record<string, Row>>({ dialect: await openDialect(dir, 'empty') });
  const earlier = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name < next));
  await new Migrator({ db, provider: { getMigrations: async () => earlier } }).migrateToLatest();
  return db;
}

it('keeps what was there, and says of a module’s folder only at its root whose it is', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hanabi-migration-'));
  const old = await openBefore(dir, '0002');
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

it('knows activities that are under way by the ids that their workflows gave them', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hanabi-migration-'));
  const old = await openBefore(dir, '0027');
  const user = { id: 'u', name: 'ada', role: 'admin', password_hash: '', root_folder_id: 'home' };
  await old
    .insertInto('users')
    .values({ ...user, created_at: times.created_at })
    .execute();
  const run = {
    run_id: 'r',
    user_id: 'u',
    module_id: 'm',
    workflow_id: 'w',
    workflow_type: 'Waits',
    status: 'RUNNING',
  };
  await old
    .insertInto('workflow_runs')
    .values({ ...run, first_run_id: 'r', events: 6, started_ms: 1, failures: 0, fence: 0 })
    .execute();
  const named = JSON.stringify({ activityId: 'ask', activityType: { name: 'ask_somebody' } });
  const scheduled = { run_id: 'r', at_ms: 1, type: 'ACTIVITY_TASK_SCHEDULED' };
  await old
    .insertInto('workflow_events')
    .values([
      { ...scheduled, event_id: 5, attributes: named },
      { ...scheduled, event_id: 6, attributes: '{}' },
    ])
    .execute();
  const activity = { run_id: 'r', attempt: 1, due_ms: 1, heartbeat: '[]', cancel_requested: 0 };
  await old
    .insertInto('workflow_activities')
    .values([
      { ...activity, event_id: 5 },
      { ...activity, event_id: 6 },
    ])
    .execute();
  await old.destroy();

  const db = await openDb(dir);
  const ids = await db
    .selectFrom('workflow_activities')
    .select(['event_id', 'activity_id'])
    .orderBy('event_id')
    .execute();
  expect(ids).toEqual([
    { event_id: 5, activity_id: 'ask' },
    { event_id: 6, activity_id: '' },
  ]);
  await db.destroy();
  await dropDatabase(dir);
  await rm(dir, { recursive: true });
});
