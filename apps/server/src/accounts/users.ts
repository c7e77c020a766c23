import { HanabiError } from '@hanabi/protocol';
import type { Selectable } from 'kysely';
import { newId, newSecret } from '../ids.ts';
import { type Db, now } from '../storage/db.ts';
import type { FileTree } from '../storage/file-tree.ts';
import { MODULES_FOLDER } from '../storage/protected.ts';
import type { Tables } from '../storage/schema.ts';
import { inTransaction } from '../storage/transaction.ts';
import { nameKey } from './names.ts';
import { NO_PASSWORD, Passwords } from './passwords.ts';

export type UserRow = Selectable<Tables['users']>;

/** Folders that a new user finds. */
const FIRST_FOLDERS = ['Documents', 'Pictures', MODULES_FOLDER];

export interface UserChange {
  role?: UserRow['role'];
  disabled?: boolean;
  storage_limit_bytes?: number | null;
}

export class Users {
  readonly passwords = new Passwords();
  private readonly db: Db;
  private readonly tree: FileTree;

  constructor(db: Db, tree: FileTree) {
    this.db = db;
    this.tree = tree;
  }

  byId(id: string): Promise<UserRow | undefined> {
    return this.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  }

  byName(name: string): Promise<UserRow | undefined> {
    return this.db.selectFrom('users').selectAll().where('name_key', '=', nameKey(name)).executeTakeFirst();
  }

  /** A new user with the folders of one; HANABI-A011 when the name is taken. Without a password nobody signs in with one. */
  async create(
    name: string,
    password: string | undefined,
    role: UserRow['role'],
    storage_limit_bytes: number | null = null,
  ): Promise<UserRow> {
    const password_hash = password === undefined ? NO_PASSWORD : await this.passwords.hash(password);
    const name_key = nameKey(name);
    const user = await inTransaction(this.db, async (db) => {
      const taken = await db.selectFrom('users').select('id').where('name_key', '=', name_key).executeTakeFirst();
      if (taken) throw new HanabiError('HANABI-A011');
      const id = newId();
      const fresh = { password_hash, root_folder_id: '', storage_limit_bytes, created_at: now(), disabled_at: null };
      const row = { id, name, name_key, role, ...fresh };
      await db.insertInto('users').values(row).execute();
      const root_folder_id = await this.tree.makeTops(db, id);
      await db.updateTable('users').set({ root_folder_id }).where('id', '=', id).execute();
      return { ...row, root_folder_id };
    });
    const root = (await this.tree.folder(user.id, user.root_folder_id))!;
    for (const folder of FIRST_FOLDERS) await this.tree.ensurePath(root, [folder]);
    return user;
  }

  /**
   * The user whose name and password these are, or undefined. Whether there is such a name, it has a password, or the
   * account is disabled makes no difference: one password is compared.
   */
  async authenticate(name: string, password: string): Promise<UserRow | undefined> {
    const user = await this.byName(name);
    const matches = await this.passwords.matches(user?.password_hash, password);
    return user && matches && user.disabled_at === null ? user : undefined;
  }

  async setPassword(id: string, password: string): Promise<void> {
    const password_hash = await this.passwords.hash(password);
    await this.db.updateTable('users').set({ password_hash }).where('id', '=', id).execute();
  }

  /** Changes what an administrator may change. HANABI-A014 if nobody were left who can. */
  async change(id: string, { role, disabled, storage_limit_bytes }: UserChange): Promise<UserRow> {
    return inTransaction(this.db, async (db) => {
      const before = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
      if (!before) throw new HanabiError('HANABI-A015');
      const after = {
        role: role ?? before.role,
        disabled_at: disabled === undefined ? before.disabled_at : disabled ? (before.disabled_at ?? now()) : null,
        storage_limit_bytes: storage_limit_bytes === undefined ? before.storage_limit_bytes : storage_limit_bytes,
      };
      await db.updateTable('users').set(after).where('id', '=', id).execute();
      const admin = await db
        .selectFrom('users')
        .select('id')
        .where('role', '=', 'admin')
        .where('disabled_at', 'is', null)
        .limit(1)
        .executeTakeFirst();
      if (!admin) throw new HanabiError('HANABI-A014');
      return { ...before, ...after };
    });
  }

  /**
   * The first start makes the admin. Returns the password that was made up for it, to be shown once; undefined when
   * the operator chose it or there are users already.
   */
  async ensureAdmin(chosenPassword: string | undefined): Promise<string | undefined> {
    const anyone = await this.db.selectFrom('users').select('id').limit(1).executeTakeFirst();
    if (anyone) return undefined;
    const madeUp = chosenPassword ? undefined : newSecret().slice(0, 20);
    await this.create('admin', chosenPassword ?? madeUp!, 'admin');
    return madeUp;
  }
}

/** Nothing works on for somebody who may not come in. HANABI-P002. */
export function requireActive(user: UserRow | undefined): asserts user is UserRow {
  if (user?.disabled_at !== null) throw new HanabiError('HANABI-P002', 'the account is disabled');
}
