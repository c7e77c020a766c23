import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { Selectable } from 'kysely';
import { newId, newSecret, secretHash } from '../ids.ts';
import { type Db, now } from '../storage/db.ts';
import type { Tables } from '../storage/schema.ts';
import type { UserRow } from './users.ts';

export type InvitationRow = Selectable<Tables['invitations']>;

/** Links that make an account or give one a new password: only the hash of their secret is kept, and each works once. */
export class Invitations {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** An invitation for somebody new. HANABI-Q002 beyond what may be open at a time. */
  create(wish: Pick<InvitationRow, 'role' | 'storage_limit_bytes' | 'note' | 'created_by'>) {
    return this.insert({ kind: 'sign-up', user_id: null, ...wish }, LIMITS.invitation_ms);
  }

  /** A link that gives a user a new password. An older one of theirs does not work any more. */
  async reset(user: UserRow, created_by: string | null) {
    await this.db.deleteFrom('invitations').where('user_id', '=', user.id).execute();
    const { id: user_id, role } = user;
    const fields = { kind: 'reset' as const, user_id, role, storage_limit_bytes: null, note: '', created_by };
    return this.insert(fields, LIMITS.password_reset_ms);
  }

  /** The open ones, the newest first. */
  open(): Promise<InvitationRow[]> {
    return this.db
      .selectFrom('invitations')
      .selectAll()
      .where('expires_at', '>', now())
      .orderBy('created_at', 'desc')
      .execute();
  }

  /** What a token opens, or HANABI-A007; also when the one who made it is no administrator any more. */
  async find(token: string): Promise<InvitationRow> {
    const administrators = this.db
      .selectFrom('users')
      .select('id')
      .where('role', '=', 'admin')
      .where('disabled_at', 'is', null);
    const row = await this.db
      .selectFrom('invitations')
      .selectAll()
      .where('token_hash', '=', secretHash(token))
      .where('expires_at', '>', now())
      .where((e) => e.or([e('created_by', 'is', null), e('created_by', 'in', administrators)]))
      .executeTakeFirst();
    if (!row) throw new HanabiError('HANABI-A007');
    return row;
  }

  /** Takes it away. Returns whether it was there: of two who use it at once one gets it. */
  async take(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.db.deleteFrom('invitations').where('id', '=', id).executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Puts one back that was taken and led to nothing. */
  async putBack(row: InvitationRow): Promise<void> {
    await this.db.insertInto('invitations').values(row).execute();
  }

  private async insert(
    fields: Omit<InvitationRow, 'id' | 'token_hash' | 'created_at' | 'expires_at'>,
    lasts_ms: number,
  ): Promise<{ token: string; row: InvitationRow }> {
    await this.db.deleteFrom('invitations').where('expires_at', '<=', now()).execute();
    const { count } = await this.db
      .selectFrom('invitations')
      .select((e) => e.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    if (Number(count) >= LIMITS.invitations_open_max) {
      throw new HanabiError('HANABI-Q002', `${LIMITS.invitations_open_max} invitations are open`);
    }
    const token = newSecret();
    const expires_at = new Date(Date.now() + lasts_ms).toISOString();
    const row = { id: newId(), token_hash: secretHash(token), created_at: now(), expires_at, ...fields };
    await this.db.insertInto('invitations').values(row).execute();
    return { token, row };
  }
}
