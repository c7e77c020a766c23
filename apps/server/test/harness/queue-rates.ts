/**
 * The queue against its engine: the same rows written with one statement each and nothing else, and, with PostgreSQL, the
 * queue that everybody writes: take one with SKIP LOCKED, mark it as done. Everything is on the disk.
 */
import { sql } from 'kysely';
import pino from 'pino';
import { Users } from '../../src/accounts/users.ts';
import { JobStore, type NewJob } from '../../src/jobs/job-store.ts';
import { isSqlite } from '../../src/storage/clock.ts';
import { type Db, openDb } from '../../src/storage/db.ts';
import { FileTree } from '../../src/storage/file-tree.ts';
import { Signals } from '../../src/storage/signals.ts';

const JOBS = 1500;
const AT_ONCE = 16;
const ROUNDS = 3;
const LATENCIES = 100;

export interface QueueRates {
  /** Jobs accepted in a second, and the same rows inserted. */
  accept: { ours: number; bare: number };
  /** Jobs taken, begun and completed in a second, and taken and marked. */
  work: { ours: number; bare: number };
  /** From the acceptance at one server until another one has it, or at the same one where there is no other; in ms. */
  latency_ms: number;
}

export async function measureQueue(dataDir: string, url?: string): Promise<QueueRates> {
  const db = await openDb(dataDir, url);
  const log = pino({ level: 'silent' });
  const here = await Signals.open(db, url, log);
  const there = await Signals.open(db, url, log);
  try {
    const user = await new Users(db, new FileTree(db)).create('bench', 'bench', 'user');
    const store = new JobStore(db, 'bench');
    const order: NewJob = {
      kind: 'task',
      userId: user.id,
      module: { id: 'bench', version: '1.0.0' },
      options: '{"a":1}',
      inputs: [],
      priority: 0,
      attempts_max: 1,
      scheduleId: null,
      in_flight_max: null,
    };
    const rates: Record<'accept' | 'work', Record<'ours' | 'bare', number[]>> = {
      accept: { ours: [], bare: [] },
      work: { ours: [], bare: [] },
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.accept.ours.push(await rate(() => store.accept(order, false)));
      rates.work.ours.push(await workRate(store));
      rates.accept.bare.push(await rate(() => bareInsert(db, user.id)));
      rates.work.bare.push(await rate(() => bareWork(db)));
      await db.deleteFrom('jobs').execute();
    }
    const latency_ms = await latency(db, store, order, { here, there });
    return {
      accept: { ours: median(rates.accept.ours), bare: median(rates.accept.bare) },
      work: { ours: median(rates.work.ours), bare: median(rates.work.bare) },
      latency_ms,
    };
  } finally {
    await Promise.all([here.close(), there.close()]);
    await db.destroy();
  }
}

/** So many at a time, as from so many requests. */
async function rate(act: () => Promise<unknown>): Promise<number> {
  let left = JOBS;
  const from = performance.now();
  const one = async () => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return (JOBS * 1000) / (performance.now() - from);
}

/** As a server with as many places does it. */
async function workRate(store: JobStore): Promise<number> {
  let done = 0;
  const from = performance.now();
  const running = new Set<Promise<void>>();
  while (done + running.size < JOBS) {
    for (const job of await store.claim(AT_ONCE - running.size)) {
      const work = async () => {
        await store.begin(job, '1.0.0');
        await store.complete(job, '', async () => []);
        done += 1;
      };
      const one: Promise<void> = work().finally(() => running.delete(one));
      running.add(one);
    }
    await Promise.race(running);
  }
  await Promise.all(running);
  return (JOBS * 1000) / (performance.now() - from);
}

let number = 0;

async function bareInsert(db: Db, userId: string): Promise<void> {
  number += 1;
  await sql`
    insert into jobs (id, kind, user_id, module_id, module_version, state, progress_pct, options, priority, attempts,
      attempts_max, fence, log, created_at)
    values (${`bare-${number}`}, 'task', ${userId}, 'bench', '1.0.0', 'queued', 0, '{"a":1}', 0, 0, 1, 0, '', '2026')
  `.execute(db);
}

async function bareWork(db: Db): Promise<void> {
  const lock = isSqlite(db) ? sql`` : sql`for update skip locked`;
  const { rows } = await sql<{ id: string }>`
    update jobs set state = 'running' where seq = (
      select seq from jobs where state = 'queued' order by seq limit 1 ${lock}
    ) returning id
  `.execute(db);
  await sql`update jobs set state = 'completed' where id = ${rows[0]!.id}`.execute(db);
}

async function latency(
  db: Db,
  store: JobStore,
  order: NewJob,
  { here, there }: Record<'here' | 'there', Signals>,
): Promise<number> {
  const other = new JobStore(db, 'other');
  const taken: number[] = [];
  let heard: (() => void) | undefined;
  there.on('jobs', () => heard?.());
  for (let count = 0; count < LATENCIES; count += 1) {
    const told = new Promise<void>((resolve) => {
      heard = resolve;
    });
    await store.accept(order, false);
    const from = performance.now();
    if (!isSqlite(db)) {
      here.tell('jobs');
      await told;
    }
    const [job] = await other.claim(1);
    taken.push(performance.now() - from);
    await other.complete(job!, '', async () => []);
  }
  return median(taken);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
