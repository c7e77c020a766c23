import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Health } from '@hanabi/protocol';
import { type Context, sandboxStatus } from '../context.ts';
import { isSqlite } from '../storage/clock.ts';
import type { Db } from '../storage/db.ts';

/** From the bundle as well as from the sources. */
const PACKAGE = join(dirname(fileURLToPath(import.meta.url)).replace(/(apps\/server)\/.*$/, '$1'), 'package.json');

/** How the server is doing, at a glance. */
export async function health(context: Context): Promise<Health> {
  const { db, config } = context;
  const disk = await statfs(config.shared_dir);
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const { backend, ready, note } = await sandboxStatus(context);
  const jobs = await statesOf(db, 'jobs');
  const services = await statesOf(db, 'services');
  const used = await db
    .selectFrom('storage_used')
    .select((e) => e.fn.sum<number | null>('used_bytes').as('bytes'))
    .executeTakeFirst();
  return {
    version,
    node: process.version,
    uptime_s: Math.round(process.uptime()),
    memory_bytes: process.memoryUsage.rss(),
    database: isSqlite(db) ? 'SQLite' : 'PostgreSQL',
    contents: config.s3 ? `S3: ${config.s3.bucket}` : 'files',
    disk_free_bytes: disk.bavail * disk.bsize,
    disk_total_bytes: disk.blocks * disk.bsize,
    sandbox: { backend, ready, note },
    users: await countOf(context, 'users'),
    sessions: await countOf(context, 'sessions'),
    files: await countOf(context, 'files'),
    used_bytes: used?.bytes ?? 0,
    jobs_queued: jobs.get('queued') ?? 0,
    jobs_running: jobs.get('running') ?? 0,
    services_running: services.get('running') ?? 0,
    services_failed: services.get('failed') ?? 0,
    ...(await workflowsOf(db)),
    servers: await context.presence.all(),
  };
}

/** How many rows are in each state that somebody should know of. */
async function statesOf(db: Db, table: 'jobs' | 'services'): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom(table)
    .select((e) => ['state', e.fn.countAll<number>().as('count')])
    .where('state', 'in', table === 'jobs' ? ['queued', 'running'] : ['running', 'failed'])
    .groupBy('state')
    .execute();
  return new Map(rows.map(({ state, count }) => [state, count]));
}

async function workflowsOf(db: Db): Promise<Pick<Health, 'workflows_open' | 'workflows_stuck' | 'workflows_paused'>> {
  const { open, stuck, paused } = await db
    .selectFrom('workflow_runs')
    .select((e) => [
      e.fn.countAll<number>().as('open'),
      e.fn.countAll<number>().filterWhere('failures', '>', 0).as('stuck'),
      e.fn.countAll<number>().filterWhere('paused', '=', 1).as('paused'),
    ])
    .where('status', '=', 'RUNNING')
    .executeTakeFirstOrThrow();
  return { workflows_open: open, workflows_stuck: stuck, workflows_paused: paused };
}

async function countOf({ db }: Context, table: 'users' | 'sessions' | 'files'): Promise<number> {
  const { count } = await db
    .selectFrom(table)
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}
