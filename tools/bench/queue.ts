/** The queue of jobs and the document store on both engines, each beside its bare engine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measurePostgresData } from '../../apps/server/test/harness/data-rates-postgres.ts';
import { measureQueue, type QueueRates } from '../../apps/server/test/harness/queue-rates.ts';
import { postgresPrograms, startPostgres } from '../setup/postgres.mjs';
import { type Figure, figure } from './figures.ts';

export async function benchQueue(): Promise<Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), 'hanabi-bench-queue-'));
  try {
    const sqlite = figures('.sqlite', await measureQueue(dir), 'the same rows, one statement each');
    return [...sqlite, ...(postgresPrograms() ? await onPostgres(dir) : [])];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Started for this, with what a server of the operator's would have: it is on the disk when it says so. */
async function onPostgres(dir: string): Promise<Figure[]> {
  const { url, stop } = await startPostgres({ durable: true });
  try {
    const queue = figures('.pg', await measureQueue(dir, url), 'the same rows, one statement each; SKIP LOCKED');
    const { put, get, query } = await measurePostgresData(dir, url);
    const bare = 'bare PostgreSQL, prepared statements, same tables';
    return [
      ...queue,
      figure('data.put.pg', 'calls/s', put.ours, put.bare, `${bare}, each on the disk`),
      figure('data.get.pg', 'calls/s', get.ours, get.bare, bare),
      figure('data.query.pg', 'calls/s', query.ours, query.bare, `${bare}, 10 of 10³ documents`),
    ];
  } finally {
    await stop();
  }
}

function figures(suffix: string, { accept, work, latency_ms }: QueueRates, against: string): Figure[] {
  const taken = suffix === '.pg' ? 'accepted here until another server has it' : 'accepted until it is taken';
  return [
    figure(`queue.accept${suffix}`, 'jobs/s', accept.ours, accept.bare, against),
    figure(`queue.work${suffix}`, 'jobs/s', work.ours, work.bare, `claim, begin, complete; ${against}`),
    figure(`queue.latency${suffix}`, 'ms', latency_ms, null, taken),
  ];
}
