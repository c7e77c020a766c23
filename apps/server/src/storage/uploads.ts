/**
 * Uploads that survive whatever happens to the connection, the page or the server. The bytes of each lie in a file of
 * its own; an offset is only told when everything before it is synced. At the end the file becomes a blob and the
 * blob a file of the user.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HanabiError, LIMITS, MIB, safeName } from '@hanabi/protocol';
import type { Selectable } from 'kysely';
import type { Logger } from 'pino';
import type { Blobs } from './blobs.ts';
import { type Db, now } from './db.ts';
import { diskError, removeFiles, requireDiskRoom, syncFolder } from './disk.ts';
import type { FileTree } from './file-tree.ts';
import { dropBlob } from './insert.ts';
import type { Tables } from './schema.ts';
import { alone, inTransaction } from './transaction.ts';

export type UploadRow = Selectable<Tables['uploads']>;

interface Parts {
  db: Db;
  blobs: Blobs;
  tree: FileTree;
  dir: string;
  /** Other servers have their uploads there too. */
  shared: boolean;
  log: Logger;
}

interface RunningHash {
  hash: Hash;
  /** Of so many bytes. */
  offset: number;
}

export interface UploadWish {
  id: string;
  user_id: string;
  folder_id: string;
  name: string;
  size_bytes: number;
}

/** So much is lost at most when the server is killed in the middle of one long request. */
const ACKNOWLEDGE_BYTES = 32 * MIB;
const EXPIRY_CHECK_MS = 3600 * 1000;
const READ_BYTES = MIB;
/** An upload has a file before it has a row; for no longer than this. */
const BEGINNING_MS = 3600 * 1000;
/** Running hashes that are kept; one that is missing is computed from the file again. */
const HASHES_MAX = 1000;

export class Uploads {
  private readonly parts: Parts;
  private readonly hashes = new Map<string, RunningHash>();
  private readonly working = new Set<Promise<unknown>>();
  private readonly finishing = new Map<string, Promise<string>>();

  private readonly expiring: NodeJS.Timeout;

  private constructor(parts: Parts) {
    this.parts = parts;
    this.expiring = setInterval(() => {
      this.work(this.expire()).catch((err: unknown) => parts.log.error({ err }, 'could not clear away old uploads'));
    }, EXPIRY_CHECK_MS).unref();
  }

  /** Clears away what belongs to no upload and what has waited too long. */
  static async open(parts: Parts): Promise<Uploads> {
    await mkdir(parts.dir, { recursive: true, mode: 0o700 });
    const uploads = new Uploads(parts);
    await uploads.expire();
    const rows = await parts.db.selectFrom('uploads').select('id').execute();
    const known = new Set(rows.map(({ id }) => id));
    await removeFiles(parts.dir, parts.shared ? BEGINNING_MS : 0, known);
    return uploads;
  }

  /** Begins an upload, or ends with what would keep it from becoming a file: HANABI-F001, F004, F005, Q002 or Q005. */
  async create(wish: UploadWish): Promise<UploadRow> {
    const { db, tree } = this.parts;
    const name = safeName(wish.name);
    if (wish.size_bytes > LIMITS.upload_bytes_max) throw new HanabiError('HANABI-F004', name);
    if (!(await tree.folder(wish.user_id, wish.folder_id))) throw new HanabiError('HANABI-F001', wish.folder_id);
    const waiting = await db
      .selectFrom('uploads')
      .select((row) => [row.fn.countAll<number>().as('count'), row.fn.sum<number | null>('size_bytes').as('bytes')])
      .where('user_id', '=', wish.user_id)
      .where('file_id', 'is', null)
      .executeTakeFirstOrThrow();
    if (waiting.count >= LIMITS.uploads_per_user_max) {
      throw new HanabiError('HANABI-Q002', `${waiting.count} uploads have begun and not ended`);
    }
    // What others have announced counts as if it had come, or a hundred halves could fill the disk.
    await tree.requireRoom(wish.user_id, (waiting.bytes ?? 0) + wish.size_bytes);
    try {
      await requireDiskRoom(this.parts.dir);
      const handle = await open(this.path(wish.id), 'wx', 0o600);
      await handle.close();
      await syncFolder(this.parts.dir);
      const row = {
        ...wish,
        name,
        offset_bytes: 0,
        sha256: null,
        file_id: null,
        created_at: now(),
        expires_at: later(),
      };
      await db.insertInto('uploads').values(row).execute();
      return row;
    } catch (error) {
      await rm(this.path(wish.id), { force: true });
      throw diskError(error);
    }
  }

  /** A user's upload that has not expired, or HANABI-F001. */
  async get(userId: string, id: string): Promise<UploadRow> {
    const row = await this.parts.db
      .selectFrom('uploads')
      .selectAll()
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .where('expires_at', '>', now())
      .executeTakeFirst();
    if (!row) throw new HanabiError('HANABI-F001', 'the upload has ended or was never begun');
    return row;
  }

  /**
   * Adds bytes at the end of what has come. Returns the new offset. When the bytes break off, those that came are
   * kept before the failure is passed on.
   */
  append(row: UploadRow, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    return this.work(this.appendNow(row, chunks));
  }

  private async appendNow(row: UploadRow, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    if (row.file_id !== null) return row.offset_bytes;
    const running = await this.hashUpTo(row.id, row.offset_bytes);
    await requireDiskRoom(this.parts.dir);
    const handle = await open(this.path(row.id), 'r+');
    const acknowledged = new Acknowledged(row.offset_bytes, async (offset_bytes) => {
      await handle.datasync();
      const change = { offset_bytes, expires_at: later() };
      await this.parts.db.updateTable('uploads').set(change).where('id', '=', row.id).execute();
    });
    try {
      try {
        for await (const chunk of chunks) {
          await writeAll(handle, chunk, running.offset);
          running.hash.update(chunk);
          running.offset += chunk.byteLength;
          if (running.offset - acknowledged.offset < ACKNOWLEDGE_BYTES) continue;
          await acknowledged.advance(running.offset);
          await requireDiskRoom(this.parts.dir);
        }
      } finally {
        await acknowledged.advance(running.offset);
      }
      return running.offset;
    } catch (error) {
      // A hash cannot be taken back to where the bytes are safe.
      if (running.offset !== acknowledged.offset) this.hashes.delete(row.id);
      throw diskError(error);
    } finally {
      await handle.close();
    }
  }

  /** Makes the user's file of an upload whose bytes are all there. Asked again, it answers with the same file. */
  finish(row: UploadRow): Promise<string> {
    const running = this.finishing.get(row.id);
    if (running) return running;
    const finished = this.work(this.finishNow(row)).finally(() => this.finishing.delete(row.id));
    this.finishing.set(row.id, finished);
    return finished;
  }

  private async finishNow({ id, user_id }: UploadRow): Promise<string> {
    const { db, blobs, tree } = this.parts;
    const row = await this.get(user_id, id);
    if (row.file_id !== null) return row.file_id;
    if (row.offset_bytes !== row.size_bytes) throw new HanabiError('HANABI-F008');
    const folder = await tree.folder(user_id, row.folder_id);
    if (!folder) throw new HanabiError('HANABI-F001', row.folder_id);
    const sha256 = row.sha256 ?? (await this.seal(row));
    if (existsSync(this.path(id))) await blobs.adopt(this.path(id), sha256);
    // A server that died took it over and did not come further.
    else await blobs.check(sha256);
    const content = { sha256, size_bytes: row.size_bytes };
    const file_id = await inTransaction(db, async (change) => {
      await alone(change, 'files', user_id);
      const current = await change.selectFrom('uploads').select('file_id').where('id', '=', id).executeTakeFirst();
      // On another server, whose answer got lost.
      if (current?.file_id) return current.file_id;
      const file = await tree.putFile(folder, row.name, content, 'keep-both', change);
      await change.updateTable('uploads').set({ file_id: file.id, expires_at: later() }).where('id', '=', id).execute();
      return file.id;
    });
    this.hashes.delete(id);
    return file_id;
  }

  /** Writes down which blob the bytes become, so that a server that dies in between finds it again. */
  private async seal(row: UploadRow): Promise<string> {
    const { hash } = await this.hashUpTo(row.id, row.size_bytes);
    const sha256 = hash.copy().digest('hex');
    await this.parts.db.updateTable('uploads').set({ sha256 }).where('id', '=', row.id).execute();
    return sha256;
  }

  /** Forgets an upload and its bytes; the file that it may have become stays. */
  async remove(row: UploadRow): Promise<void> {
    const { db } = this.parts;
    await inTransaction(db, async (change) => {
      await change.deleteFrom('uploads').where('id', '=', row.id).execute();
      // It may be a blob already, which then belongs to nobody.
      if (row.sha256 !== null && row.file_id === null) await dropBlob(change, row.sha256);
    });
    this.hashes.delete(row.id);
    await rm(this.path(row.id), { force: true });
  }

  /** Forgets the uploads that nobody went on with. Returns how many there were. */
  async expire(): Promise<number> {
    const rows = await this.parts.db.selectFrom('uploads').selectAll().where('expires_at', '<=', now()).execute();
    for (const row of rows) await this.remove(row);
    return rows.length;
  }

  /** Settles when everything that was under way is written down. */
  async close(): Promise<void> {
    clearInterval(this.expiring);
    await Promise.allSettled(this.working);
  }

  private path(id: string): string {
    return join(this.parts.dir, id);
  }

  /** The hash of the first bytes of an upload, ready for those that follow. */
  private async hashUpTo(id: string, offset: number): Promise<RunningHash> {
    const known = this.hashes.get(id);
    if (known?.offset === offset) return known;
    const running = { hash: createHash('sha256'), offset: 0 };
    if (offset > 0) {
      const bytes = createReadStream(this.path(id), { end: offset - 1, highWaterMark: READ_BYTES });
      for await (const chunk of bytes as AsyncIterable<Buffer>) {
        running.hash.update(chunk);
        running.offset += chunk.byteLength;
      }
      if (running.offset !== offset) throw new HanabiError('HANABI-F007', 'a part of the upload is gone');
    }
    if (this.hashes.size >= HASHES_MAX) this.hashes.clear();
    this.hashes.set(id, running);
    return running;
  }

  private async work<T>(promise: Promise<T>): Promise<T> {
    this.working.add(promise);
    try {
      return await promise;
    } finally {
      this.working.delete(promise);
    }
  }
}

/** How far the bytes of an upload are safe. */
class Acknowledged {
  offset: number;
  private readonly write: (offset: number) => Promise<void>;
  private failed = false;

  constructor(offset: number, write: (offset: number) => Promise<void>) {
    this.offset = offset;
    this.write = write;
  }

  /** After a failed sync nobody knows what is on the disk, and a second one might claim that all of it is. */
  async advance(offset: number): Promise<void> {
    if (this.failed || offset === this.offset) return;
    this.failed = true;
    await this.write(offset);
    this.failed = false;
    this.offset = offset;
  }
}

/** Beyond this the upload counts as abandoned. */
function later(): string {
  return new Date(Date.now() + LIMITS.upload_idle_ms_max).toISOString();
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.byteLength - written, position + written);
    written += bytesWritten;
  }
}
