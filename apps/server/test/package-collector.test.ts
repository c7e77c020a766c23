/** Folders of packages that nobody has any more go, and no others. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PackageCollector } from '../src/modules/package-collector.ts';
import type { Db } from '../src/storage/db.ts';
import { openDb } from './harness/engine.ts';

let dir: string;
let db: Db;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hanabi-collect-'));
  db = await openDb(dir);
});
afterAll(async () => {
  await db.destroy();
  await rm(dir, { recursive: true });
});

it('takes what no row names, once it was found so for long enough', async () => {
  for (const name of ['1.0.0-old', '1.1.0-new']) {
    await mkdir(join(dir, 'modules/lantern', name), { recursive: true });
    await writeFile(join(dir, 'modules/lantern', name, 'hanabi.module.json'), '{}');
  }
  await mkdir(join(dir, 'modules/.incoming-a'));
  const row = { id: 'lantern', version: '1.1.0', origin: 'operator' as const, manifest: '{}', installed_at: '' };
  await db
    .insertInto('modules')
    .values({ ...row, package_dir: 'modules/lantern/1.1.0-new' })
    .execute();
  let held = false;
  const collector = new PackageCollector({
    db,
    shared_dir: dir,
    log: pino({ enabled: false }),
    isHeld: async () => held,
  });
  const left = () => readdir(join(dir, 'modules/lantern'));
  await collector.collect(0);
  await collector.collect(LIMITS.package_grace_ms - 1);
  expect(await left()).toEqual(['1.0.0-old', '1.1.0-new']);
  held = true;
  await collector.collect(LIMITS.package_grace_ms);
  expect(await left()).toHaveLength(2);
  held = false;
  await collector.collect(LIMITS.package_grace_ms);
  expect(await left()).toEqual(['1.1.0-new']);
  // One that was named in between begins to count anew.
  await db.deleteFrom('modules').execute();
  await collector.collect(0);
  await db
    .insertInto('modules')
    .values({ ...row, package_dir: 'modules/lantern/1.1.0-new' })
    .execute();
  await collector.collect(LIMITS.package_grace_ms);
  await db.deleteFrom('modules').execute();
  await collector.collect(2 * LIMITS.package_grace_ms);
  expect(await left()).toEqual(['1.1.0-new']);
  expect(await readdir(join(dir, 'modules'))).toContain('.incoming-a');
});
