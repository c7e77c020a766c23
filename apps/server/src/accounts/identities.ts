import { type AccountIdentity, HanabiError, LIMITS } from '@hanabi/protocol';
import { secretHash } from '../ids.ts';
import { type Db, now } from '../storage/db.ts';
import { inTransaction } from '../storage/transaction.ts';
import { NO_PASSWORD } from './passwords.ts';
import type { UserRow } from './users.ts';

/** What a service vouches for: who issued it, and its own name for the person, which stays theirs. */
export interface Identity {
  issuer: string;
  subject: string;
  name: string;
}

/** Which accounts elsewhere sign in to which account here. */
export class Identities {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async listed(userId: string): Promise<AccountIdentity[]> {
    return (await this.rows(userId)).map(({ issuer, subject, name, created_at, used_at }) => ({
      id: publicId(issuer, subject),
      issuer,
      name,
      created_at,
      used_at,
    }));
  }

  /** Id of the user whom it signs in. */
  async use({ issuer, subject, name }: Identity): Promise<string | undefined> {
    const row = await this.db
      .selectFrom('identities')
      .select('user_id')
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .executeTakeFirst();
    if (!row) return undefined;
    await this.db
      .updateTable('identities')
      .set({ used_at: now(), name })
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .execute();
    return row.user_id;
  }

  /** HANABI-A018 where it is somebody's already, Q002 beyond what one account may have. */
  async add(user: UserRow, identity: Identity): Promise<void> {
    if ((await this.rows(user.id)).length >= LIMITS.identities_per_user_max) {
      throw new HanabiError('HANABI-Q002', `an account has at most ${LIMITS.identities_per_user_max} others`);
    }
    const added = await this.db
      .insertInto('identities')
      .values({ ...identity, user_id: user.id, created_at: now(), used_at: null })
      .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
      .executeTakeFirst();
    if (added.numInsertedOrUpdatedRows !== 1n) throw new HanabiError('HANABI-A018', 'it is connected already');
  }

  /** HANABI-A015 where there is none, V008 where nothing else would let the user in. */
  async remove(user: UserRow, id: string): Promise<void> {
    await inTransaction(this.db, async (db) => {
      const rows = await db.selectFrom('identities').selectAll().where('user_id', '=', user.id).execute();
      const row = rows.find(({ issuer, subject }) => publicId(issuer, subject) === id);
      if (!row) throw new HanabiError('HANABI-A015');
      const passkey = await db.selectFrom('passkeys').select('id').where('user_id', '=', user.id).executeTakeFirst();
      if (rows.length === 1 && !passkey && user.password_hash === NO_PASSWORD) {
        throw new HanabiError('HANABI-V008', 'nothing else lets you in; choose a password first');
      }
      await db.deleteFrom('identities').where('issuer', '=', row.issuer).where('subject', '=', row.subject).execute();
    });
  }

  private rows(userId: string) {
    return this.db.selectFrom('identities').selectAll().where('user_id', '=', userId).orderBy('created_at').execute();
  }
}

function publicId(issuer: string, subject: string): string {
  return secretHash(JSON.stringify([issuer, subject])).slice(0, 22);
}
