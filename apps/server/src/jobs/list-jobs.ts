/** What a module sees of its jobs. */
import { HanabiError, type Job, LIMITS } from '@hanabi/protocol';
import type { Db } from '../storage/db.ts';
import type { FileRow } from '../storage/rows.ts';
import { type JobRow, toJob } from './job-rows.ts';

/** What only the server that has a job knows of it. */
export type LiveJobs = ReadonlyMap<string, { position: number; progress_pct: number }>;

export async function listJobs(db: Db, live: LiveJobs, userId: string, moduleId: string): Promise<Job[]> {
  const rows = await db
    .selectFrom('jobs')
    .selectAll()
    .where('user_id', '=', userId)
    .where('module_id', '=', moduleId)
    .orderBy('seq', 'desc')
    .limit(LIMITS.job_history_max)
    .execute();
  return withAllThatBelongs(db, live, rows);
}

export async function jobOf(
  db: Db,
  live: LiveJobs,
  userId: string,
  moduleId: string,
  jobId: string,
): Promise<Job & { log: string }> {
  const row = await db
    .selectFrom('jobs')
    .selectAll()
    .where('user_id', '=', userId)
    .where('module_id', '=', moduleId)
    .where('id', '=', jobId)
    .executeTakeFirst();
  if (!row) throw new HanabiError('HANABI-W020', jobId);
  const [job] = await withAllThatBelongs(db, live, [row]);
  return { ...job!, log: row.log };
}

/** Rows of jobs with their outputs, their place in the line, and how far they are. */
export async function withAllThatBelongs(db: Db, live: LiveJobs, rows: readonly JobRow[]): Promise<Job[]> {
  const completed = rows.filter(({ state }) => state === 'completed').map(({ id }) => id);
  const outputs = completed.length === 0 ? [] : await outputsOf(db, completed);
  const line = rows.some(({ state }) => state === 'queued') ? await queue(db) : [];
  return rows.map((row) => {
    const here = live.get(row.id);
    const files = outputs.filter(({ job_id }) => job_id === row.id);
    const progress_pct = row.state === 'running' && here ? here.progress_pct : row.progress_pct;
    const position = here?.position || Math.max(1, line.indexOf(row.seq) + 1);
    return toJob({ ...row, progress_pct }, files, position);
  });
}

function outputsOf(db: Db, jobIds: readonly string[]): Promise<(FileRow & { job_id: string })[]> {
  return db
    .selectFrom('job_outputs')
    .innerJoin('files', 'files.id', 'job_outputs.file_id')
    .selectAll('files')
    .select('job_outputs.job_id')
    .where('job_outputs.job_id', 'in', jobIds)
    .orderBy('job_outputs.position')
    .execute();
}

/** All that wait, in about the order in which they will be taken: users take turns beside it. */
async function queue(db: Db): Promise<number[]> {
  const rows = await db
    .selectFrom('jobs')
    .select('seq')
    .where('state', '=', 'queued')
    .orderBy('priority', 'desc')
    .orderBy('seq')
    .execute();
  return rows.map(({ seq }) => seq);
}
