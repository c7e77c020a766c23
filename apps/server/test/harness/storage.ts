/** The storage of a server without the server: database, contents and file tree in a folder of their own. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Users } from '../../src/accounts/users.ts';
import { BlobCollector } from '../../src/storage/blob-collector.ts';
import { Blobs } from '../../src/storage/blobs.ts';
import type { Db } from '../../src/storage/db.ts';
import { FileTree, type FolderRow } from '../../src/storage/file-tree.ts';
import { LocalBlobs } from '../../src/storage/local-blobs.ts';
import { dropDatabase, openDb } from './engine.ts';

export const sha256Of = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

export function blobPath(dataDir: string, bytes: Uint8Array | string): string {
  const hash = sha256Of(bytes);
  return join(dataDir, 'blobs', hash.slice(0, 2), hash);
}

export class Storage {
  readonly dir: string;
  readonly db: Db;
  readonly blobs: Blobs;
  readonly tree: FileTree;
  readonly home: FolderRow;

  private constructor(parts: Pick<Storage, 'dir' | 'db' | 'blobs' | 'tree' | 'home'>) {
    ({ dir: this.dir, db: this.db, blobs: this.blobs, tree: this.tree, home: this.home } = parts);
  }

  static async open(): Promise<Storage> {
    const dir = await mkdtemp(join(tmpdir(), 'hanabi-storage-'));
    const db = await openDb(dir);
    const blobs = await Blobs.open(join(dir, 'blobs'), new LocalBlobs(join(dir, 'blobs')));
    const tree = new FileTree(db);
    const user = await new Users(db, tree).create('user', 'password', 'user');
    const home = (await tree.folder(user.id, user.root_folder_id))!;
    return new Storage({ dir, db, blobs, tree, home });
  }

  async put(name: string, content: string, folder = this.home) {
    return this.tree.putFile(folder, name, await this.blobs.writeBytes(Buffer.from(content)), 'replace');
  }

  /** As after a restart of the server. */
  collector(): BlobCollector {
    return new BlobCollector(this.db, this.blobs, pino({ level: 'silent' }));
  }

  /** Makes everything that happened so far as old as this. */
  async age(ms: number, ...contents: string[]): Promise<void> {
    const time = new Date(Date.now() - ms);
    await this.db.updateTable('dropped_blobs').set({ dropped_at: time.toISOString() }).execute();
    for (const content of contents) await utimes(blobPath(this.dir, content), time, time);
  }

  isStored(content: string): boolean {
    return existsSync(blobPath(this.dir, content));
  }

  async close(): Promise<void> {
    await this.db.destroy();
    await dropDatabase(this.dir);
    await rm(this.dir, { recursive: true, force: true });
  }
}
