import { createHash, timingSafeEqual } from 'node:crypto';
import { type AccountSession, LIMITS, type SignInWay } from '@hanabi/protocol';
import { newSecret, secretHash } from '../ids.ts';
import { type Db, now } from '../storage/db.ts';
import type { UserRow, Users } from './users.ts';

export interface LiveSession {
  token_hash: string;
  csrf_token: string;
  user: UserRow;
  seen_ms: number;
  /** When the person last proved who they are. */
  confirmed_ms: number;
}

/** How and from where a session begins. */
export interface SessionOrigin {
  way: SignInWay;
  user_agent: string;
  address: string;
}

/** How stale the stored time of last use may get; writing it at each request would cost a disk sync each. */
const SEEN_GRANULARITY_MS = 10 * 60 * 1000;
const CACHED_MAX = 10_000;
const USER_AGENT_CHARS_MAX = 300;

/** Sessions: the cookie holds 32 random bytes, the database only their hash. */
export class Sessions {
  private readonly db: Db;
  private readonly users: Users;
  private readonly cache = new Map<string, LiveSession>();
  private readonly endings = new Set<(tokenHash: string) => void>();

  constructor(db: Db, users: Users) {
    this.db = db;
    this.users = users;
  }

  /** Calls for each session that ends from now on, however it ends. */
  onEnded(listener: (tokenHash: string) => void): void {
    this.endings.add(listener);
  }

  async create(user: UserRow, origin: SessionOrigin): Promise<{ token: string; session: LiveSession }> {
    await this.dropOldest(user.id);
    const token = newSecret();
    const time = now();
    const row = {
      token_hash: secretHash(token),
      user_id: user.id,
      created_at: time,
      seen_at: time,
      user_agent: origin.user_agent.slice(0, USER_AGENT_CHARS_MAX),
      address: origin.address,
      way: origin.way,
      confirmed_at: time,
    };
    await this.db.insertInto('sessions').values(row).execute();
    const nowMs = Date.now();
    return { token, session: this.remember(token, user, nowMs, nowMs) };
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
      if (!user || user.disabled_at !== null) return 'unknown';
      session = this.remember(token, user, Date.parse(row.seen_at), Date.parse(row.confirmed_at ?? '') || 0);
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

  /** The user of the live session whose token has this hash, for what was made for it and carries no cookie. Does not prolong it. */
  async withHash(tokenHash: string): Promise<LiveSession['user'] | undefined> {
    const row = await this.db.selectFrom('sessions').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();
    const seenMs = this.cache.get(tokenHash)?.seen_ms ?? (row ? Date.parse(row.seen_at) : 0);
    if (!row || Date.now() - seenMs > LIMITS.session_idle_ms_max) return undefined;
    const user = await this.users.byId(row.user_id);
    return user?.disabled_at === null ? user : undefined;
  }

  /** The person has just proved who they are. */
  async confirm(session: LiveSession): Promise<void> {
    session.confirmed_ms = Date.now();
    await this.db
      .updateTable('sessions')
      .set({ confirmed_at: now() })
      .where('token_hash', '=', session.token_hash)
      .execute();
  }

  /** The sessions of a user, the one that was used last first. */
  async listed(userId: string, currentHash: string): Promise<AccountSession[]> {
    const oldest = new Date(Date.now() - LIMITS.session_idle_ms_max).toISOString();
    const rows = await this.db
      .selectFrom('sessions')
      .selectAll()
      .where('user_id', '=', userId)
      .where('seen_at', '>', oldest)
      .orderBy('seen_at', 'desc')
      .execute();
    return rows.map(({ token_hash, way, user_agent, address, created_at, seen_at }) => {
      const seenMs = this.cache.get(token_hash)?.seen_ms ?? Date.parse(seen_at);
      const seen = token_hash === currentHash ? now() : new Date(seenMs).toISOString();
      return {
        id: publicId(token_hash),
        current: token_hash === currentHash,
        way,
        user_agent,
        address,
        created_at,
        seen_at: seen,
      };
    });
  }

  /** Ends one session of a user by the id that the list shows. Returns whether there was one. */
  async endListed(userId: string, id: string): Promise<boolean> {
    const wanted = (await this.hashesOf(userId)).find((hash) => publicId(hash) === id);
    if (wanted === undefined) return false;
    await this.end(wanted);
    return true;
  }

  /** Ends all sessions of a user, but for one. Returns how many. */
  async endAll(userId: string, exceptHash?: string): Promise<number> {
    const ended = (await this.hashesOf(userId)).filter((hash) => hash !== exceptHash);
    for (const hash of ended) await this.end(hash);
    return ended.length;
  }

  /** Ends a session; its launches go with it. */
  async end(tokenHash: string): Promise<void> {
    this.cache.delete(tokenHash);
    await this.db.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute();
    for (const listener of this.endings) listener(tokenHash);
  }

  /** What the database says of users and sessions may have changed: everything is read anew, and what has gone has ended. */
  async refresh(): Promise<void> {
    const known = [...this.cache.keys()];
    this.cache.clear();
    const rows = await this.db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select('token_hash')
      .where('disabled_at', 'is', null)
      .execute();
    const live = new Set(rows.map(({ token_hash }) => token_hash));
    for (const hash of known) if (!live.has(hash)) for (const listener of this.endings) listener(hash);
  }

  /** Another server has ended it, or, without a hash, may have ended any. */
  endedElsewhere(tokenHash?: string): void {
    if (tokenHash === undefined) this.cache.clear();
    else this.cache.delete(tokenHash);
  }

  private async hashesOf(userId: string): Promise<string[]> {
    const rows = await this.db
      .selectFrom('sessions')
      .select('token_hash')
      .where('user_id', '=', userId)
      .orderBy('seen_at')
      .execute();
    return rows.map(({ token_hash }) => token_hash);
  }

  private async dropOldest(userId: string): Promise<void> {
    const hashes = await this.hashesOf(userId);
    for (const hash of hashes.slice(0, Math.max(0, hashes.length - LIMITS.sessions_per_user_max + 1))) {
      await this.end(hash);
    }
  }

  private remember(token: string, user: UserRow, seenMs: number, confirmedMs: number): LiveSession {
    const session = {
      token_hash: secretHash(token),
      csrf_token: csrfToken(token),
      user,
      seen_ms: seenMs,
      confirmed_ms: confirmedMs,
    };
    if (this.cache.size >= CACHED_MAX) this.cache.clear();
    this.cache.set(session.token_hash, session);
    return session;
  }
}

/** What may be shown of a session: the hash of the hash, so that the stored one never leaves the server. */
function publicId(tokenHash: string): string {
  return secretHash(tokenHash).slice(0, 22);
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
