/** Reads every content there should be and compares it with its hash; says what is damaged, missing or nobody's. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { sql } from 'kysely';
import { mib } from '../storage/mib.ts';
import { chainOf } from '../storage/place.ts';
import { isReferenced, referencedBlobs } from '../storage/references.ts';
import type { Opened } from './main.ts';
import { Progress } from './progress.ts';

interface Trouble {
  sha256: string;
  problem: 'damaged' | 'missing' | 'unreadable';
  /** The files that have this content, as "user: path". */
  files: string[];
}

interface Report {
  ok: boolean;
  contents: number;
  size_bytes: number;
  troubles: Trouble[];
  /** Stored, and of no file. Young ones may be on their way to become one; old ones the server takes away. */
  orphans: { contents: number; size_bytes: number; old: number };
}

/** Returns the exit code. */
export async function checkStorage(opened: Opened, json: boolean): Promise<number> {
  const report = await check(opened);
  if (json) console.log(JSON.stringify(report, null, 2));
  else print(report);
  return report.ok ? 0 : 1;
}

async function check({ db, blobs }: Opened): Promise<Report> {
  const { rows } = await sql<{ bytes: number }>`
    select coalesce(sum(size_bytes), 0) as bytes from (select distinct sha256, size_bytes from files) as contents
  `.execute(db);
  const progress = new Progress(rows[0]!.bytes);
  const troubles: Trouble[] = [];
  let contents = 0;
  let size_bytes = 0;
  for await (const needed of referencedBlobs(db)) {
    contents += 1;
    size_bytes += needed.size_bytes ?? 0;
    progress.show(size_bytes, `${contents} contents, ${troubles.length} in trouble`);
    const problem = await problemOf(blobs, needed.sha256);
    // A file may have been deleted, and its content collected, while others were read.
    if (!problem || !(await isReferenced(db, needed.sha256))) continue;
    troubles.push({ sha256: needed.sha256, problem, files: await filesWith(db, needed.sha256) });
  }
  const orphans = await countOrphans({ db, blobs });
  progress.clear();
  return { ok: troubles.length === 0, contents, size_bytes, troubles, orphans };
}

async function problemOf(blobs: Opened['blobs'], sha256: string): Promise<Trouble['problem'] | undefined> {
  try {
    await blobs.check(sha256);
    return undefined;
  } catch (error) {
    if (!(error instanceof HanabiError) || error.code !== 'HANABI-F007') return 'unreadable';
    return (await blobs.isStored(sha256)) ? 'damaged' : 'missing';
  }
}

async function countOrphans({ db, blobs }: Pick<Opened, 'db' | 'blobs'>): Promise<Report['orphans']> {
  const orphans = { contents: 0, size_bytes: 0, old: 0 };
  for await (const { sha256, size_bytes, written_ms } of blobs.list()) {
    if (await isReferenced(db, sha256)) continue;
    orphans.contents += 1;
    orphans.size_bytes += size_bytes;
    if (written_ms < Date.now() - LIMITS.blob_grace_ms - LIMITS.blob_walk_interval_ms) orphans.old += 1;
  }
  return orphans;
}

async function filesWith(db: Opened['db'], sha256: string): Promise<string[]> {
  const files = await db
    .selectFrom('files')
    .innerJoin('users', 'users.id', 'files.user_id')
    .select(['users.name as user', 'files.name', 'files.folder_id'])
    .where('sha256', '=', sha256)
    .execute();
  const paths: string[] = [];
  for (const { user, name, folder_id } of files) {
    // Paths as "hanabi export" writes them: without the folder that holds all.
    const folders = (await chainOf(db, folder_id)).filter(({ top }) => top !== 'home').map((folder) => folder.name);
    paths.push(`${user}: ${[...folders, name].join('/')}`);
  }
  return paths;
}

function print({ ok, contents, size_bytes, troubles, orphans }: Report): void {
  for (const { sha256, problem, files } of troubles) {
    console.log(`${problem}: ${sha256}`);
    for (const file of files) console.log(`  ${JSON.stringify(file)}`);
  }
  console.log(`${contents} contents read, ${mib(size_bytes)}: ${ok ? 'all good' : `${troubles.length} in trouble`}`);
  if (orphans.contents > 0) {
    console.log(
      `${orphans.contents} stored contents (${mib(orphans.size_bytes)}) are of no file; the server collects them`,
    );
  }
}
