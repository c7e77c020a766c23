/** The authenticator app (TOTP, RFC 6238) and the recovery codes of a user. */
import { randomBytes } from 'node:crypto';
import { HanabiError, LIMITS, type TotpSetup } from '@hanabi/protocol';
import { generateSecret, generateURI, verify } from 'otplib';
import { secretHash } from '../ids.ts';
import { type Db, now } from '../storage/db.ts';
import { inTransaction } from '../storage/transaction.ts';
import type { AccountKeys } from './account-keys.ts';
import { Attempts } from './attempts.ts';
import type { UserRow } from './users.ts';

/** A code is good for its own 30 s, and for those before and after them: clocks differ, and typing takes time. */
const TOLERANCE_S = 30;
const ISSUER = 'HanabiMatsuri';
const HOUR_MS = 3600 * 1000;

export class SecondFactors {
  private readonly db: Db;
  private readonly keys: AccountKeys;
  /** Six digits are few: the number of guesses is what protects them. */
  private readonly failures = new Attempts(HOUR_MS, LIMITS.sign_in_failures_remembered_max);

  constructor(db: Db, keys: AccountKeys) {
    this.db = db;
    this.keys = keys;
  }

  async isOn(userId: string): Promise<boolean> {
    return (await this.row(userId))?.active === 1;
  }

  async codesLeft(userId: string): Promise<number> {
    const { count } = await this.db
      .selectFrom('recovery_codes')
      .select((e) => e.fn.countAll().as('count'))
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** A new secret for the app. Nothing changes for the user until `activate`. */
  async prepare(user: UserRow): Promise<TotpSetup> {
    if (await this.isOn(user.id)) throw new HanabiError('HANABI-V008', 'the authenticator app is set up already');
    const secret = generateSecret();
    const row = { secret: this.keys.seal(secret, user.id), last_step: 0, active: 0, created_at: now() };
    await this.db
      .insertInto('totp')
      .values({ user_id: user.id, ...row })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(row))
      .execute();
    return { secret, uri: generateURI({ issuer: ISSUER, label: user.name, secret }) };
  }

  /** The app has shown that it has the secret: from now on sign-ins need it. Returns the recovery codes. */
  async activate(user: UserRow, code: string): Promise<string[]> {
    const row = await this.row(user.id);
    if (!row || row.active === 1) throw new HanabiError('HANABI-V008', 'no authenticator app is being set up');
    await this.counted(user, undefined, () => this.useTotp(row.secret, user.id, digits(code)));
    await this.db.updateTable('totp').set({ active: 1 }).where('user_id', '=', user.id).execute();
    return this.newCodes(user.id);
  }

  async turnOff(userId: string): Promise<void> {
    await this.db.deleteFrom('totp').where('user_id', '=', userId).execute();
    await this.db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
  }

  /** Ten new codes in place of those that there were. Only their hashes are kept. */
  async newCodes(userId: string): Promise<string[]> {
    const codes = Array.from({ length: LIMITS.recovery_codes }, newCode);
    await inTransaction(this.db, async (db) => {
      await db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
      const rows = codes.map((code) => ({ user_id: userId, code_hash: hashOf(userId, code) }));
      await db.insertInto('recovery_codes').values(rows).execute();
    });
    return codes;
  }

  /**
   * Takes a code of the app or a recovery code, each of which works once. HANABI-A009 when it is neither, A003 after too
   * many of those; `device` is a browser known to belong to the user, which is counted by itself.
   */
  async verify(user: UserRow, code: string, device: string | undefined): Promise<'totp' | 'recovery'> {
    const row = await this.row(user.id);
    const typed = digits(code);
    const isTotp = typed.length === 6 && row !== undefined;
    await this.counted(user, device, () =>
      isTotp ? this.useTotp(row.secret, user.id, typed) : this.useRecovery(user.id, code),
    );
    return isTotp ? 'totp' : 'recovery';
  }

  private async counted(user: UserRow, device: string | undefined, use: () => Promise<boolean>): Promise<void> {
    const key = device === undefined ? user.id : `${user.id} ${device}`;
    const takeBack = this.failures.count([[key, LIMITS.second_factor_failures_per_hour_max]]);
    if (!(await use())) throw new HanabiError('HANABI-A009');
    takeBack();
  }

  private async useTotp(sealed: string, userId: string, token: string): Promise<boolean> {
    if (token.length !== 6) return false;
    const secret = this.keys.unseal(sealed, userId);
    const result = await verify({ secret, token, epochTolerance: TOLERANCE_S });
    if (!result.valid || !('timeStep' in result)) return false;
    // One statement, so that of two who bring the same code at once one gets in.
    const { numUpdatedRows } = await this.db
      .updateTable('totp')
      .set({ last_step: result.timeStep })
      .where('user_id', '=', userId)
      .where('last_step', '<', result.timeStep)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  private async useRecovery(userId: string, code: string): Promise<boolean> {
    const { numDeletedRows } = await this.db
      .deleteFrom('recovery_codes')
      .where('user_id', '=', userId)
      .where('code_hash', '=', hashOf(userId, code))
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  private row(userId: string) {
    return this.db.selectFrom('totp').selectAll().where('user_id', '=', userId).executeTakeFirst();
  }
}

function digits(code: string): string {
  const text = code.replaceAll(/[\s-]/g, '');
  return /^\d{6}$/.test(text) ? text : '';
}

/** Crockford's 32: no i, l, o and u. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const CODE_CHARS = 16;

/** 80 random bits, so that a plain hash is enough. */
function newCode(): string {
  const text = Array.from(randomBytes(CODE_CHARS))
    .map((byte) => LETTERS[byte % 32])
    .join('');
  return text.replaceAll(/(.{4})(?=.)/g, '$1-');
}

function hashOf(userId: string, code: string): string {
  return secretHash(`${userId} ${code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`);
}
