/** Which processes work on the database: each of them says now and then that it is there. */
import { hostname } from 'node:os';
import { type HealthServer, LIMITS, type ServerKind } from '@hanabi/protocol';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { databaseTime_ms, isSqlite } from './storage/clock.ts';
import type { Db } from './storage/db.ts';

interface Parts {
  db: Db;
  log: Logger;
  server_id: string;
  /** Jobs that it runs at a time; 0: it leaves the queue to others. */
  places: number;
}

export class Presence {
  private readonly parts: Parts;
  private kind: ServerKind = 'server';
  private timer: NodeJS.Timeout | undefined;
  /** What it says by itself, one after another. */
  private saying: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  async begin(kind: ServerKind): Promise<void> {
    this.kind = kind;
    await this.say();
    // One server alone has a SQLite database: who asks it knows that it is there.
    if (!isSqlite(this.parts.db))
      this.timer = setInterval(() => {
        this.saying = this.saying.then(() => this.say());
      }, LIMITS.server_seen_interval_ms).unref();
  }

  /** All that were heard of lately, this one among them. */
  async all(): Promise<HealthServer[]> {
    await this.say();
    const { db } = this.parts;
    const rows = await db
      .selectFrom('servers')
      .selectAll()
      .select((e) => [
        databaseTime_ms(db).as('now_ms'),
        e
          .selectFrom('jobs')
          .select((jobs) => jobs.fn.countAll<number>().as('count'))
          .whereRef('lease_owner', '=', 'servers.id')
          .where('state', '=', 'running')
          .as('jobs_running'),
      ])
      .orderBy('kind', 'desc')
      .orderBy('name')
      .orderBy('id')
      .execute();
    return rows.map(({ kind, name, places, seen_ms, now_ms, jobs_running }) => ({
      kind,
      name,
      places,
      jobs_running: jobs_running ?? 0,
      seen_at: new Date(seen_ms).toISOString(),
      is_silent: now_ms - seen_ms > LIMITS.server_silent_ms,
    }));
  }

  /** Who leaves in order is not missed. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    // What is under way would put the row back.
    await this.saying;
    await this.parts.db.deleteFrom('servers').where('id', '=', this.parts.server_id).execute();
  }

  /** Never throws: a database that is away now is asked again. */
  private async say(): Promise<void> {
    const { db, log, server_id: id, places } = this.parts;
    const now_ms = databaseTime_ms(db);
    const seen = { kind: this.kind, name: hostname(), places, seen_ms: now_ms };
    try {
      await db
        .insertInto('servers')
        .values({ id, ...seen })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(seen))
        .execute();
      await db.deleteFrom('servers').where('seen_ms', '<', sql<number>`${now_ms} - ${LIMITS.server_kept_ms}`).execute();
    } catch (error) {
      log.warn({ err: error }, 'this server could not say that it is there');
    }
  }
}
