/** The jobs of all modules, as their user sees them. */
import { HanabiError, type Job, LIMITS, type UserJob, type UserJobDetails, type UserJobs } from '@hanabi/protocol';
import type { ModuleRegistry } from '../modules/registry.ts';
import type { Db } from '../storage/db.ts';
import type { JobOrder } from './jobs.ts';
import type { JobRow } from './job-rows.ts';
import { type LiveJobs, withAllThatBelongs } from './list-jobs.ts';

export interface JobsWish {
  module_id?: string | undefined;
  states?: readonly Job['state'][] | undefined;
  /** Only these. */
  ids?: readonly string[] | undefined;
  /** The "next" of the page before. */
  before?: number | undefined;
}

interface Parts {
  db: Db;
  registry: ModuleRegistry;
}

type KeptInput = { name: string; sha256: string };

export async function listUserJobs(
  parts: Parts,
  live: LiveJobs,
  userId: string,
  { module_id, states, ids, before }: JobsWish,
): Promise<UserJobs> {
  const most = LIMITS.jobs_page_max;
  let query = parts.db.selectFrom('jobs').selectAll().where('user_id', '=', userId);
  if (module_id !== undefined) query = query.where('module_id', '=', module_id);
  if (states) query = query.where('state', 'in', states);
  if (ids) query = query.where('id', 'in', ids);
  if (before !== undefined) query = query.where('seq', '<', before);
  // One more than asked for tells whether there is a next page.
  const found = await query
    .orderBy('seq', 'desc')
    .limit(most + 1)
    .execute();
  const rows = found.slice(0, most);
  const next = found.length > most ? String(rows.at(-1)!.seq) : null;
  return { jobs: await toUserJobs(parts, live, rows), next };
}

/** HANABI-W020 when the user has no such job. */
export async function userJob(parts: Parts, live: LiveJobs, userId: string, jobId: string): Promise<UserJobDetails> {
  const row = await rowOf(parts.db, userId, jobId);
  const [job] = await toUserJobs(parts, live, [row]);
  const options = JSON.parse(row.options) as Job['options'];
  return { ...job!, options, inputs: keptInputs(row)?.map(({ name }) => name) ?? [], log: row.log };
}

/** What a job was accepted with. HANABI-W022 unless the user still has each of the contents. */
export async function rowForAgain(
  db: Db,
  userId: string,
  jobId: string,
): Promise<Pick<JobOrder, 'kind' | 'options' | 'inputs'> & { module_id: string }> {
  const row = await rowOf(db, userId, jobId);
  const inputs = keptInputs(row);
  if (!inputs) throw new HanabiError('HANABI-W022', 'they were not kept');
  const there = await contentsOf(
    db,
    userId,
    inputs.map(({ sha256 }) => sha256),
  );
  const gone = inputs.find(({ sha256 }) => !there.has(sha256));
  if (gone) throw new HanabiError('HANABI-W022', `"${gone.name}" was deleted or changed`);
  return { kind: row.kind, module_id: row.module_id, options: JSON.parse(row.options) as JobOrder['options'], inputs };
}

async function rowOf(db: Db, userId: string, jobId: string): Promise<JobRow> {
  const row = await db
    .selectFrom('jobs')
    .selectAll()
    .where('user_id', '=', userId)
    .where('id', '=', jobId)
    .executeTakeFirst();
  if (!row) throw new HanabiError('HANABI-W020', jobId);
  return row;
}

function keptInputs({ inputs }: JobRow): KeptInput[] | null {
  return inputs === null ? null : (JSON.parse(inputs) as KeptInput[]);
}

async function contentsOf(db: Db, userId: string, hashes: readonly string[]): Promise<Set<string>> {
  if (hashes.length === 0) return new Set();
  const rows = await db
    .selectFrom('files')
    .select('sha256')
    .distinct()
    .where('user_id', '=', userId)
    .where('sha256', 'in', hashes)
    .execute();
  return new Set(rows.map(({ sha256 }) => sha256));
}

async function toUserJobs({ db, registry }: Parts, live: LiveJobs, rows: readonly JobRow[]): Promise<UserJob[]> {
  const jobs = await withAllThatBelongs(db, live, rows);
  const fileIds = jobs.flatMap(({ outputs }) => outputs.map(({ id }) => id));
  const folders = await foldersOf(db, fileIds);
  return jobs.map((job, index) => {
    const { user_id, module_id, schedule_id, attempts } = rows[index]!;
    // All but the options, which may be large.
    return {
      id: job.id,
      kind: job.kind,
      state: job.state,
      queue_position: job.queue_position,
      progress_pct: job.progress_pct,
      error: job.error,
      created_at: job.created_at,
      started_at: job.started_at,
      finished_at: job.finished_at,
      module_id,
      module_name: registry.find(module_id, user_id)?.manifest.name ?? null,
      schedule_id,
      attempts,
      outputs: job.outputs.map((file) => ({ ...file, folder_id: folders.get(file.id)! })),
    };
  });
}

async function foldersOf(db: Db, fileIds: readonly string[]): Promise<Map<string, string>> {
  if (fileIds.length === 0) return new Map();
  const rows = await db.selectFrom('files').select(['id', 'folder_id']).where('id', 'in', fileIds).execute();
  return new Map(rows.map(({ id, folder_id }) => [id, folder_id]));
}
