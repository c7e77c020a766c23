import { createHash, timingSafeEqual } from 'node:crypto';
import { LIMITS } from '@hanabi/protocol';
import { newSecret, secretHash } from '../ids.ts';
import { type Db, now } from '../storage/db.ts';
import type { UserRow, Users } from './users.ts';

export interface LiveSession {
  token_hash: string;
  csrf_token: string;
  user: UserRow;
  seen_ms: number;
}

/** How stale the stored time of last use may get; writing it at each request would cost a disk sync each. */
const SEEN_GRANULARITY_MS = 10 * 60 * 1000;
const CACHED_MAX = 10_000;

/** Sessions: the cookie holds 32 random bytes, the database only their hash. */
export class Sessions {
  private readonly db: Db;
  private readonly users: Users;
  private readonly cache = new Map<string, LiveSession>();

  constructor(db: Db, users: Users) {
    this.db = db;
    this.users = users;
  }

  async create(user: UserRow): Promise<{ token: string; session: LiveSession }> {
    const token = newSecret();
    const row = { token_hash: secretHash(token), user_id: user.id, created_at: now(), seen_at: now() };
    await this.db.insertInto('sessions').values(row).execute();
    return { token, session: this.remember(token, user, Date.now()) };
  }

  /** The live session of a token, or why there is none. */
  async find(token: string): Promise<LiveSession | 'unknown' | 'expired'> {
    const token_hash = secretHash(token);
    let session = this.cache.get(token_hash);
    if (!session) {
      const row = await this.db
        .selectFrom('sessions')
        .selectAll()
        .where('token_hash', '=', token_hash)
        .executeTakeFirst();
      const user = row && (await this.users.byId(row.user_id));
      if (!user) return 'unknown';
      session = this.remember(token, user, Date.parse(row.seen_at));
    }
    const nowMs = Date.now();
    if (nowMs - session.seen_ms > LIMITS.session_idle_ms_max) {
      await this.end(token_hash);
      return 'expired';
    }
    if (nowMs - session.seen_ms > SEEN_GRANULARITY_MS) {
      session.seen_ms = nowMs;
      await this.db.updateTable('sessions').set({ seen_at: now() }).where('token_hash', '=', token_hash).execute();
    }
    return session;
  }

  /** The live session whose token has this hash, for what was made for it and carries no cookie. Does not prolong it. */
  async withHash(tokenHash: string): Promise<LiveSession['user'] | undefined> {
    const row = await this.db.selectFrom('sessions').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();
    const seenMs = this.cache.get(tokenHash)?.seen_ms ?? (row ? Date.parse(row.seen_at) : 0);
    if (!row || Date.now() - seenMs > LIMITS.session_idle_ms_max) return undefined;
    return this.users.byId(row.user_id);
  }

  /** Ends a session; its launches go with it. */
  async end(tokenHash: string): Promise<void> {
    this.cache.delete(tokenHash);
    await this.db.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute();
  }

  private remember(token: string, user: UserRow, seenMs: number): LiveSession {
    const session = { token_hash: secretHash(token), csrf_token: csrfToken(token), user, seen_ms: seenMs };
    if (this.cache.size >= CACHED_MAX) this.cache.clear();
    this.cache.set(session.token_hash, session);
    return session;
  }
}

/** Bound to the session without being stored: who does not know the cookie cannot compute it. */
function csrfToken(token: string): string {
  return createHash('sha256').update('csrf').update(token).digest('base64url');
}

export function sameToken(given: unknown, expected: string): boolean {
  if (typeof given !== 'string') return false;
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
