/**
 * Folders and files of the users: names, places and which content a file has. Nothing here knows of modules' rights.
 * Whatever changes something is one transaction: it happened entirely or not at all.
 */
import { HanabiError, type ItemProperties, type ItemRef, safeName, type StorageUsage } from '@hanabi/protocol';
import type { Blob } from './blobs.ts';
import { copyItems } from './copy-items.ts';
import type { Db } from './db.ts';
import { type FoundItem, propertiesOf, recent, search } from './find-items.ts';
import { dropBlob, insertBelow, insertFile, newFolder, replaceContent } from './insert.ts';
import { fileNamed, folderNamed, freeName, isTaken } from './names.ts';
import { chainOf, liveChain, type Place, placeOf, requireDepth } from './place.ts';
import { addUsed, type QuotaSettings, requireRoom, usageOf, withinRoom } from './quota.ts';
import { move, rename } from './relocate.ts';
import type { Change, FileRow, FolderRow, Item, Reader } from './rows.ts';
import { filesBelow, foldersBelow } from './subtree.ts';
import { alone, inTransaction } from './transaction.ts';
import { deleteTrashed, emptyTrash, listTrash, restore, trash, type TrashedItem } from './trash.ts';

export type { FileRow, FolderRow, Item } from './rows.ts';

/** What happens to a name that is taken: the content is replaced, or both are kept and the new one gets a number. */
export type OnClash = 'replace' | 'keep-both';

export class FileTree {
  private readonly db: Db;
  private readonly settings: QuotaSettings;

  constructor(db: Db, settings: QuotaSettings = { storage_limit_bytes: null }) {
    this.db = db;
    this.settings = settings;
  }

  /** The user's file of that id, unless it lies in the Trash. */
  async file(userId: string, id: string): Promise<FileRow | undefined> {
    const row = await this.db
      .selectFrom('files')
      .selectAll()
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row && !(await this.place(row.folder_id)).trashed ? row : undefined;
  }

  /** The user's folder of that id, unless it is the Trash or lies in it. */
  async folder(userId: string, id: string): Promise<FolderRow | undefined> {
    const chain = await chainOf(this.db, id);
    const row = chain.at(-1);
    return row?.user_id === userId && !placeOf(chain).trashed ? row : undefined;
  }

  /** The files and folders that the request names, or HANABI-F001 at the first that is not the user's. */
  async items(userId: string, refs: readonly ItemRef[]): Promise<Item[]> {
    const items: Item[] = [];
    for (const ref of refs) {
      if ('file_id' in ref) {
        const file = await this.file(userId, ref.file_id);
        if (!file) throw new HanabiError('HANABI-F001', ref.file_id);
        items.push({ kind: 'file', file });
      } else {
        const folder = await this.folder(userId, ref.folder_id);
        if (!folder) throw new HanabiError('HANABI-F001', ref.folder_id);
        items.push({ kind: 'folder', folder });
      }
    }
    return items;
  }

  /** Whose folder it is, how deep, and whether it lies in the Trash; HANABI-F001 when it is gone. */
  async place(folderId: string): Promise<Place> {
    const chain = await chainOf(this.db, folderId);
    if (chain.length === 0) throw new HanabiError('HANABI-F001', folderId);
    return placeOf(chain);
  }

  async children(folder: FolderRow): Promise<{ folders: FolderRow[]; files: FileRow[] }> {
    const folders = await this.db
      .selectFrom('folders')
      .selectAll()
      .where('parent_id', '=', folder.id)
      .orderBy('name')
      .execute();
    return { folders, files: await this.filesIn(folder) };
  }

  filesIn(folder: FolderRow): Promise<FileRow[]> {
    return this.db.selectFrom('files').selectAll().where('folder_id', '=', folder.id).orderBy('name').execute();
  }

  /** The folder and all that is below it, each folder after the one above it. */
  async subtree(folder: FolderRow): Promise<{ folders: FolderRow[]; files: FileRow[] }> {
    return { folders: await foldersBelow(this.db, folder.id), files: await filesBelow(this.db, folder.id) };
  }

  /** From the root to the folder itself. */
  path(folder: FolderRow): Promise<FolderRow[]> {
    return chainOf(this.db, folder.id);
  }

  /** The folders of a new user that lie in no other. Returns the id of the one that the user sees as home. */
  async makeTops(db: Reader, userId: string): Promise<string> {
    const home = newFolder({ user_id: userId, parent_id: null, name: 'Home', top: 'home' });
    const trashTop = newFolder({ user_id: userId, parent_id: null, name: 'Trash', top: 'trash' });
    await db.insertInto('folders').values([home, trashTop]).execute();
    await db.insertInto('storage_used').values({ user_id: userId, used_bytes: 0 }).execute();
    return home.id;
  }

  /** A new folder; a name that is taken ends with HANABI-F006. */
  async makeFolder(parent: FolderRow, name: string): Promise<FolderRow> {
    const safe = safeName(name);
    return this.change(parent.user_id, async (db) => {
      requireDepth((await liveChain(db, parent.id)).length);
      if (await isTaken(db, parent.id, safe)) throw new HanabiError('HANABI-F006', safe);
      return insertBelow(db, parent, safe);
    });
  }

  /** The folder at the end of a path below `parent`; what is missing of it is made. Names are already safe. */
  async ensurePath(parent: FolderRow, names: readonly string[]): Promise<FolderRow> {
    if (names.length === 0) return parent;
    return this.change(parent.user_id, async (db) => {
      requireDepth((await liveChain(db, parent.id)).length - 1 + names.length);
      let folder = parent;
      for (const name of names) {
        const existing = await folderNamed(db, folder.id, name);
        if (!existing && (await fileNamed(db, folder.id, name))) throw new HanabiError('HANABI-F006', name);
        folder = existing ?? (await insertBelow(db, folder, name));
      }
      return folder;
    });
  }

  /**
   * The folder that holds all folders of a module for a user. It is found by whom it belongs to and never by its
   * name: a folder of the user's or of another module that happens to have the name is left alone.
   */
  async ensureModuleRoot(parent: FolderRow, name: string, moduleId: string): Promise<FolderRow> {
    return this.change(parent.user_id, async (db) => {
      const existing = await db
        .selectFrom('folders')
        .selectAll()
        .where('parent_id', '=', parent.id)
        .where('module_id', '=', moduleId)
        .executeTakeFirst();
      if (existing) return existing;
      return insertBelow(db, parent, await freeName(db, parent.id, name), { module_id: moduleId });
    });
  }

  /** Says which part a folder plays in the manifest of its module. */
  async setRole(folder: FolderRow, role: FolderRow['role']): Promise<FolderRow> {
    if (folder.role === role) return folder;
    await this.db.updateTable('folders').set({ role }).where('id', '=', folder.id).execute();
    return { ...folder, role };
  }

  /** Puts a content into a folder under a name. With `db` as a part of a larger transaction. */
  async putFile(folder: FolderRow, name: string, blob: Blob, onClash: OnClash, db?: Change): Promise<FileRow> {
    const safe = safeName(name);
    if (!db) {
      try {
        return await this.change(folder.user_id, (change) => this.putFile(folder, safe, blob, onClash, change));
      } catch (error) {
        // It is stored and nobody's: its grace period begins, rather than that the next walk over all contents finds it.
        await dropBlob(this.db, blob.sha256).catch(() => undefined);
        throw error;
      }
    }
    await alone(db, 'files', folder.user_id);
    await liveChain(db, folder.id);
    if (onClash === 'replace') {
      if (await folderNamed(db, folder.id, safe)) throw new HanabiError('HANABI-F006', safe);
      const existing = await fileNamed(db, folder.id, safe);
      if (existing) {
        await addUsed(db, this.settings, folder.user_id, blob.size_bytes - existing.size_bytes);
        return replaceContent(db, existing, blob);
      }
    }
    await addUsed(db, this.settings, folder.user_id, blob.size_bytes);
    return insertFile(db, folder, await freeName(db, folder.id, safe), blob);
  }

  /** Another name; one that is taken ends with HANABI-F006, a folder that must stay with HANABI-F009. */
  rename(item: Item, name: string): Promise<Item> {
    return this.change(ownerOf(item), (db) => rename(db, item, name));
  }

  /** Into a folder, keeping both on a clash; into itself ends with HANABI-F010. */
  move(items: readonly Item[], destination: FolderRow): Promise<Item[]> {
    return this.change(destination.user_id, (db) => move(db, items, destination));
  }

  /** Into a folder, keeping both on a clash. Contents are shared and not copied, but count for the quota. */
  copy(items: readonly Item[], destination: FolderRow): Promise<Item[]> {
    return this.change(destination.user_id, (db) => copyItems(db, this.settings, items, destination));
  }

  /** All of one user. */
  async trash(items: readonly Item[]): Promise<void> {
    const [first] = items;
    if (first) await this.change(ownerOf(first), (db) => trash(db, items));
  }

  listTrash(userId: string): Promise<TrashedItem[]> {
    return listTrash(this.db, userId);
  }

  restore(userId: string, refs: readonly ItemRef[]): Promise<Item[]> {
    return this.change(userId, (db) => restore(db, userId, refs));
  }

  deleteTrashed(userId: string, refs: readonly ItemRef[]): Promise<void> {
    return deleteTrashed(this.db, this.settings, userId, refs);
  }

  emptyTrash(userId: string): Promise<void> {
    return emptyTrash(this.db, this.settings, userId);
  }

  usage(userId: string): Promise<StorageUsage> {
    return usageOf(this.db, this.settings, userId);
  }

  /** Ends with HANABI-Q005 where so many more bytes would not fit. What counts is checked again when they are stored. */
  requireRoom(userId: string, bytes: number): Promise<void> {
    return requireRoom(this.db, this.settings, userId, bytes);
  }

  /** The same chunks, ending with HANABI-Q005 as soon as they are more than would fit; for what comes unannounced. */
  withinRoom(userId: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    return withinRoom(this.db, this.settings, userId, chunks);
  }

  search(userId: string, text: string): Promise<FoundItem[]> {
    return search(this.db, userId, text);
  }

  recent(userId: string): Promise<FoundItem[]> {
    return recent(this.db, userId);
  }

  properties(item: Item): Promise<ItemProperties> {
    return propertiesOf(this.db, item);
  }

  /** Alone with the files of the user: whether a name is free is looked up before it is taken. */
  private change<Result>(userId: string, work: (db: Change) => Promise<Result>): Promise<Result> {
    return inTransaction(this.db, async (db) => {
      await alone(db, 'files', userId);
      return work(db);
    });
  }
}

function ownerOf(item: Item): string {
  return item.kind === 'file' ? item.file.user_id : item.folder.user_id;
}
