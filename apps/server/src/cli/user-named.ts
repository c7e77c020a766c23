import { type UserRow, Users } from '../accounts/users.ts';
import { ConfigError } from '../config.ts';
import type { Db } from '../storage/db.ts';
import { FileTree } from '../storage/file-tree.ts';

/** The user whom a command names, as they write their name when they sign in. ConfigError when there is none. */
export async function userNamed(db: Db, name: string): Promise<UserRow> {
  const user = await new Users(db, new FileTree(db)).byName(name);
  if (!user) throw new ConfigError(`there is no user "${name}"`);
  return user;
}
