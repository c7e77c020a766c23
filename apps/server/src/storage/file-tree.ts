/** Folders and files of the users: names, places and which blob a file's content is. Nothing here knows of modules' rights. */
import { HanabiError, LIMITS, numberedName, safeName } from '@hanabi/protocol';
import type { Selectable, Transaction } from 'kysely';
import mime from 'mime';
import { newId } from '../ids.ts';
import type { Blob } from './blobs.ts';
import { type Db, now } from './db.ts';
import type { Tables } from './schema.ts';

export type FileRow = Selectable<Tables['files']>;
export type FolderRow = Selectable<Tables['folders']>;

/** What happens to a name that is taken: the content is replaced, or both are kept and the new one gets a number. */
export type OnClash = 'replace' | 'keep-both';

type Reader = Db | Transaction<Tables>;

export class FileTree {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  file(userId: string, id: string): Promise<FileRow | undefined> {
    return this.db
      .selectFrom('files')
      .selectAll()
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst();
  }

  folder(userId: string, id: string): Promise<FolderRow | undefined> {
    return this.db
      .selectFrom('folders')
      .selectAll()
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst();
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

  /** From the root to the folder itself. */
  async path(folder: FolderRow): Promise<FolderRow[]> {
    const path = [folder];
    for (let above = folder.parent_id; above !== null && path.length <= LIMITS.folder_depth_max + 2; ) {
      const parent = await this.folder(folder.user_id, above);
      if (!parent) break;
      path.unshift(parent);
      above = parent.parent_id;
    }
    return path;
  }

  async makeRoot(db: Reader, userId: string): Promise<string> {
    const id = newId();
    await db
      .insertInto('folders')
      .values(newFolder({ id, user_id: userId, parent_id: null, name: 'Home' }))
      .execute();
    return id;
  }

  /** A new folder; a name that is taken ends with HANABI-F006. */
  async makeFolder(parent: FolderRow, name: string): Promise<FolderRow> {
    const safe = safeName(name);
    if ((await this.path(parent)).length > LIMITS.folder_depth_max) {
      throw new HanabiError('HANABI-F005', `more than ${LIMITS.folder_depth_max} folders deep`);
    }
    return this.db.transaction().execute(async (db) => {
      if ((await folderNamed(db, parent.id, safe)) || (await fileNamed(db, parent.id, safe))) {
        throw new HanabiError('HANABI-F006', safe);
      }
      return insertBelow(db, parent, safe);
    });
  }

  /** The folder at the end of a path below `parent`; what is missing of it is made. Names are already safe. */
  async ensurePath(parent: FolderRow, names: readonly string[]): Promise<FolderRow> {
    if (names.length === 0) return parent;
    return this.db.transaction().execute(async (db) => {
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
    return this.db.transaction().execute(async (db) => {
      const existing = await db
        .selectFrom('folders')
        .selectAll()
        .where('parent_id', '=', parent.id)
        .where('module_id', '=', moduleId)
        .executeTakeFirst();
      if (existing) return existing;
      const taken = (await folderNamed(db, parent.id, name)) ?? (await fileNamed(db, parent.id, name));
      const free = taken ? await freeName(db, parent.id, name) : name;
      return insertBelow(db, parent, free, { module_id: moduleId });
    });
  }

  /** Says which part a folder plays in the manifest of its module. */
  async setRole(folder: FolderRow, role: FolderRow['role']): Promise<FolderRow> {
    if (folder.role === role) return folder;
    await this.db.updateTable('folders').set({ role }).where('id', '=', folder.id).execute();
    return { ...folder, role };
  }

  /** Puts a blob into a folder under a name. With `db` as a part of a larger transaction. */
  async putFile(
    folder: FolderRow,
    name: string,
    blob: Blob,
    onClash: OnClash,
    db?: Transaction<Tables>,
  ): Promise<FileRow> {
    const safe = safeName(name);
    if (!db) {
      return this.db.transaction().execute((transaction) => this.putFile(folder, safe, blob, onClash, transaction));
    }
    const existing = await fileNamed(db, folder.id, safe);
    const folderInTheWay = await folderNamed(db, folder.id, safe);
    if (onClash === 'replace') {
      if (folderInTheWay) throw new HanabiError('HANABI-F006', safe);
      if (existing) return replaceContent(db, existing, blob);
    }
    const free = existing || folderInTheWay ? await freeName(db, folder.id, safe) : safe;
    return insertFile(db, folder, free, blob);
  }
}

async function replaceContent(db: Transaction<Tables>, file: FileRow, blob: Blob): Promise<FileRow> {
  const change = { ...blob, updated_at: now() };
  await db.updateTable('files').set(change).where('id', '=', file.id).execute();
  return { ...file, ...change };
}

async function insertFile(db: Transaction<Tables>, folder: FolderRow, name: string, blob: Blob): Promise<FileRow> {
  const time = now();
  const row: FileRow = {
    id: newId(),
    user_id: folder.user_id,
    folder_id: folder.id,
    name,
    mime_type: mime.getType(name) ?? 'application/octet-stream',
    ...blob,
    created_at: time,
    updated_at: time,
  };
  await db.insertInto('files').values(row).execute();
  return row;
}

async function freeName(db: Transaction<Tables>, folderId: string, name: string): Promise<string> {
  for (let number = 2; ; number += 1) {
    const candidate = numberedName(name, number);
    if (!(await fileNamed(db, folderId, candidate)) && !(await folderNamed(db, folderId, candidate))) return candidate;
  }
}

function folderNamed(db: Reader, parentId: string, name: string): Promise<FolderRow | undefined> {
  return db
    .selectFrom('folders')
    .selectAll()
    .where('parent_id', '=', parentId)
    .where('name', '=', name)
    .executeTakeFirst();
}

function fileNamed(db: Reader, folderId: string, name: string): Promise<FileRow | undefined> {
  return db
    .selectFrom('files')
    .selectAll()
    .where('folder_id', '=', folderId)
    .where('name', '=', name)
    .executeTakeFirst();
}

/** A sub-folder belongs to whom its parent belongs to, unless the marks say otherwise. */
async function insertBelow(
  db: Reader,
  parent: FolderRow,
  name: string,
  marks: Partial<FolderRow> = {},
): Promise<FolderRow> {
  const row = newFolder({
    user_id: parent.user_id,
    parent_id: parent.id,
    module_id: parent.module_id,
    name,
    ...marks,
  });
  await db.insertInto('folders').values(row).execute();
  return row;
}

function newFolder(fields: Partial<FolderRow> & Pick<FolderRow, 'user_id' | 'parent_id' | 'name'>): FolderRow {
  const time = now();
  return { id: newId(), module_id: null, role: null, created_at: time, updated_at: time, ...fields };
}
