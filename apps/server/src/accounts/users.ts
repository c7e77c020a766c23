import { hash, verify } from '@node-rs/argon2';
import type { Selectable } from 'kysely';
import { newId, newSecret } from '../ids.ts';
import { type Db, now } from '../storage/db.ts';
import type { FileTree } from '../storage/file-tree.ts';
import { MODULES_FOLDER } from '../storage/protected.ts';
import type { Tables } from '../storage/schema.ts';

export type UserRow = Selectable<Tables['users']>;

/** Folders that a new user finds. */
const FIRST_FOLDERS = ['Documents', 'Pictures', MODULES_FOLDER];

export class Users {
  private readonly db: Db;
  private readonly tree: FileTree;
  /** Compared with when there is no such user, so that both answers take the same time. */
  private readonly nobodyHash = hash(newSecret());

  constructor(db: Db, tree: FileTree) {
    this.db = db;
    this.tree = tree;
  }

  byId(id: string): Promise<UserRow | undefined> {
    return this.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async create(name: string, password: string, role: UserRow['role']): Promise<UserRow> {
    const password_hash = await hash(password);
    const user = await this.db.transaction().execute(async (db) => {
      const id = newId();
      const row = { id, name, role, password_hash, root_folder_id: '', storage_limit_bytes: null, created_at: now() };
      await db.insertInto('users').values(row).execute();
      const root_folder_id = await this.tree.makeTops(db, id);
      await db.updateTable('users').set({ root_folder_id }).where('id', '=', id).execute();
      return { ...row, root_folder_id };
    });
    const root = (await this.tree.folder(user.id, user.root_folder_id))!;
    for (const folder of FIRST_FOLDERS) await this.tree.ensurePath(root, [folder]);
    return user;
  }

  /** The user whose name and password these are, or undefined; takes as long either way. */
  async authenticate(name: string, password: string): Promise<UserRow | undefined> {
    const user = await this.db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst();
    const matches = await verify(user?.password_hash ?? (await this.nobodyHash), password);
    return user && matches ? user : undefined;
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
