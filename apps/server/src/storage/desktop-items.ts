/** What lies on the desktop of a user: the content of one folder, and shortcuts that modules have made. */
import { type DesktopShortcut, HanabiError, LIMITS } from '@hanabi/protocol';
import { newId } from '../ids.ts';
import { type Db, now } from './db.ts';
import type { FileRow, FileTree, FolderRow, Item } from './file-tree.ts';
import { DESKTOP_FOLDER } from './protected.ts';
import { alone, inTransaction } from './transaction.ts';

interface User {
  id: string;
  root_folder_id: string;
}

export class DesktopItems {
  private readonly db: Db;
  private readonly tree: FileTree;

  constructor(db: Db, tree: FileTree) {
    this.db = db;
    this.tree = tree;
  }

  /** The folder, if anything was ever put onto the desktop. */
  async folder(user: User): Promise<FolderRow | undefined> {
    return this.db
      .selectFrom('folders')
      .selectAll()
      .where('parent_id', '=', user.root_folder_id)
      .where('name', '=', DESKTOP_FOLDER)
      .executeTakeFirst();
  }

  /** The folder, made where it was not yet needed. */
  async ensureFolder(user: User): Promise<FolderRow> {
    const home = (await this.tree.folder(user.id, user.root_folder_id))!;
    return this.tree.ensurePath(home, [DESKTOP_FOLDER]);
  }

  async content(user: User): Promise<{ folder: FolderRow | null; folders: FolderRow[]; files: FileRow[] }> {
    const folder = await this.folder(user);
    if (!folder) return { folder: null, folders: [], files: [] };
    return { folder, ...(await this.tree.children(folder)) };
  }

  /** Moves or copies it there, and remembers who did. */
  async place(user: User, moduleId: string, item: Item, copy: boolean): Promise<Item> {
    const folder = await this.ensureFolder(user);
    const [placed] = copy ? await this.tree.copy([item], folder) : await this.tree.move([item], folder);
    const row = { module_id: moduleId };
    if (placed!.kind === 'file') {
      const insert = this.db.insertInto('desktop_files').values({ file_id: placed!.file.id, ...row });
      await insert.onConflict((conflict) => conflict.column('file_id').doUpdateSet(row)).execute();
    } else {
      const insert = this.db.insertInto('desktop_folders').values({ folder_id: placed!.folder.id, ...row });
      await insert.onConflict((conflict) => conflict.column('folder_id').doUpdateSet(row)).execute();
    }
    return placed!;
  }

  /** The ids of what a module has put somewhere onto a desktop, as far as it still exists. */
  async placedBy(moduleId: string): Promise<Set<string>> {
    const files = await this.db
      .selectFrom('desktop_files')
      .select('file_id as id')
      .where('module_id', '=', moduleId)
      .execute();
    const folders = await this.db
      .selectFrom('desktop_folders')
      .select('folder_id as id')
      .where('module_id', '=', moduleId)
      .execute();
    return new Set([...files, ...folders].map(({ id }) => id));
  }

  async shortcuts(userId: string): Promise<DesktopShortcut[]> {
    return this.db
      .selectFrom('desktop_shortcuts')
      .select(['id', 'module_id', 'label', 'action', 'file_id'])
      .where('user_id', '=', userId)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
  }

  /** One more, or the same with another label; HANABI-Q017 when the module has as many as it may have. */
  addShortcut(
    userId: string,
    moduleId: string,
    wish: Omit<DesktopShortcut, 'id' | 'module_id'>,
  ): Promise<DesktopShortcut> {
    return inTransaction(this.db, async (db) => {
      await alone(db, 'preferences', userId);
      const own = await db
        .selectFrom('desktop_shortcuts')
        .select(['id', 'module_id', 'action', 'file_id'])
        .where('user_id', '=', userId)
        .where('module_id', '=', moduleId)
        .execute();
      const same = own.find(({ action, file_id }) => action === wish.action && file_id === wish.file_id);
      if (same) {
        await db.updateTable('desktop_shortcuts').set({ label: wish.label }).where('id', '=', same.id).execute();
        return { ...same, label: wish.label };
      }
      const most = LIMITS.shortcuts_per_module_max;
      if (own.length >= most) throw new HanabiError('HANABI-Q017', `${most} of one module`);
      const row = { id: newId(), module_id: moduleId, ...wish };
      await db
        .insertInto('desktop_shortcuts')
        .values({ ...row, user_id: userId, created_at: now() })
        .execute();
      return row;
    });
  }

  /** HANABI-M017 unless it is there and, where one is named, of this module. */
  async removeShortcut(userId: string, id: string, moduleId?: string): Promise<void> {
    let query = this.db.deleteFrom('desktop_shortcuts').where('user_id', '=', userId).where('id', '=', id);
    if (moduleId !== undefined) query = query.where('module_id', '=', moduleId);
    const gone = await query.returning('id').executeTakeFirst();
    if (!gone) throw new HanabiError('HANABI-M017', id);
  }
}
