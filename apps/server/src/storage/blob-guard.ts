/**
 * Between the servers of one PostgreSQL database: none takes a content away while another one stores the same bytes
 * anew. Who stores waits for who takes away, which is short; who takes away does not wait and tries again another day.
 */
import { Pool, type PoolClient } from 'pg';
import { postgresSettings } from './postgres.ts';

export interface BlobGuard {
  placing<T>(sha256: string, work: () => Promise<T>): Promise<T>;
  /** False when somebody is just storing it. */
  removing(sha256: string, work: () => Promise<boolean>): Promise<boolean>;
}

/** One server alone needs none: `Blobs` does one thing after the other for each content. */
export const NO_GUARD: BlobGuard = {
  placing: (_, work) => work(),
  removing: (_, work) => work(),
};

/** Beside those for the tables: who waits there for a connection must not be waited for here. */
const CONNECTIONS_MAX = 4;
const KEY = 'hashtextextended($1, 0)';

export class PostgresBlobGuard implements BlobGuard {
  private readonly pool: Pool;

  constructor(url: string, lost: (error: Error) => void) {
    this.pool = new Pool({ ...postgresSettings(url), max: CONNECTIONS_MAX });
    this.pool.on('error', lost);
    this.pool.on('connect', (client) => client.on('error', lost));
  }

  placing<T>(sha256: string, work: () => Promise<T>): Promise<T> {
    return this.connected(async (client) => {
      await client.query(`select pg_advisory_lock_shared(${KEY})`, [keyOf(sha256)]);
      const value = await work();
      await client.query(`select pg_advisory_unlock_shared(${KEY})`, [keyOf(sha256)]);
      return value;
    });
  }

  removing(sha256: string, work: () => Promise<boolean>): Promise<boolean> {
    return this.connected(async (client) => {
      const { rows } = await client.query<{ ours: boolean }>(`select pg_try_advisory_lock(${KEY}) as ours`, [
        keyOf(sha256),
      ]);
      if (!rows[0]!.ours) return false;
      const value = await work();
      await client.query(`select pg_advisory_unlock(${KEY})`, [keyOf(sha256)]);
      return value;
    });
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async connected<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let whole = false;
    try {
      const value = await work(client);
      whole = true;
      return value;
    } finally {
      // With the connection goes whatever lock it still has.
      client.release(!whole);
    }
  }
}

function keyOf(sha256: string): string {
  return `blob ${sha256}`;
}
