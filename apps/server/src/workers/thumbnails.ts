/**
 * Small pictures of pictures, made by a sealed worker of our own: reading images is what attackers count on. Each
 * content is looked at once, whoever has it and however often it is asked for; also when there is nothing to see in it.
 */
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, HanabiError, LIMITS, WORKER_TIERS } from '@hanabi/protocol';
import type { JobResult, Sandbox } from '@hanabi/sandbox';
import { newId } from '../ids.ts';
import type { Blobs } from '../storage/blobs.ts';
import { type Db, now } from '../storage/db.ts';
import type { FileRow } from '../storage/file-tree.ts';

/** The worker's folder, from the bundle in apps/server/dist as well as from the sources. */
const WORKER = join(dirname(fileURLToPath(import.meta.url)).replace(/(apps\/server)\/.*$/, '$1'), 'workers/thumbnail');

const FORMATS = ['png', 'jpeg', 'gif', 'webp', 'bmp', 'apng', 'tiff', 'vnd.microsoft.icon'];
const SOURCE_TYPES = new Set(FORMATS.map((format) => `image/${format}`));

/** What says something of this server at this moment, and nothing of the picture. */
const NOT_THE_PICTURE = new Set<ErrorCode>([
  'HANABI-W002',
  'HANABI-W011',
  'HANABI-W013',
  'HANABI-W015',
  'HANABI-W016',
  'HANABI-F007',
  'HANABI-F012',
  'HANABI-Q003',
  'HANABI-V009',
]);

export interface Thumbnail {
  sha256: string;
  size_bytes: number;
  mime_type: string;
}

type Source = Pick<FileRow, 'name' | 'mime_type' | 'size_bytes' | 'sha256'>;

interface Parts {
  db: Db;
  blobs: Blobs;
  sandbox: Sandbox;
}

export class Thumbnails {
  private readonly parts: Parts;
  private readonly making = new Map<string, Promise<Thumbnail | undefined>>();
  private readonly stopped = new AbortController();
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** The thumbnail of a content, or HANABI-F001 where it has none. Without a sandbox HANABI-W002. */
  async of(file: Source): Promise<Thumbnail> {
    const suitable = SOURCE_TYPES.has(file.mime_type) && file.size_bytes <= LIMITS.thumbnail_source_bytes_max;
    const thumbnail = suitable ? ((await this.known(file)) ?? (await this.makeOnce(file))) : undefined;
    if (!thumbnail) throw new HanabiError('HANABI-F001', `"${file.name}" has no thumbnail`);
    return thumbnail;
  }

  /** Makes it anew when next asked for: the one there was is damaged or gone. */
  async forget(file: Source): Promise<void> {
    await this.parts.db.deleteFrom('thumbnails').where('source_sha256', '=', file.sha256).execute();
  }

  /** Ends what is being made. */
  async close(): Promise<void> {
    this.stopped.abort();
    await Promise.allSettled(this.making.values());
  }

  /** Undefined when nobody looked yet; HANABI-F001 when somebody did and there was nothing. */
  private async known(file: Source): Promise<Thumbnail | undefined> {
    const row = await this.parts.db
      .selectFrom('thumbnails')
      .selectAll()
      .where('source_sha256', '=', file.sha256)
      .executeTakeFirst();
    if (!row) return undefined;
    // On a busier day than today a picture may have taken too long.
    if (row.sha256 === null && Date.parse(row.made_at) < Date.now() - LIMITS.thumbnail_retry_ms) return undefined;
    const { sha256, size_bytes, mime_type } = row;
    if (sha256 === null) throw new HanabiError('HANABI-F001', `"${file.name}" has no thumbnail`);
    return { sha256, size_bytes: size_bytes!, mime_type: mime_type! };
  }

  private makeOnce(file: Source): Promise<Thumbnail | undefined> {
    const running = this.making.get(file.sha256);
    if (running) return running;
    const made = this.inTurn(() => this.make(file)).finally(() => this.making.delete(file.sha256));
    this.making.set(file.sha256, made);
    return made;
  }

  private async make(file: Source): Promise<Thumbnail | undefined> {
    let thumbnail: Thumbnail | undefined;
    try {
      thumbnail = await this.runWorker(file);
    } catch (error) {
      if (!(error instanceof HanabiError) || NOT_THE_PICTURE.has(error.code)) throw error;
    }
    const none = { sha256: null, size_bytes: null, mime_type: null };
    const row = { ...(thumbnail ?? none), made_at: now() };
    await this.parts.db
      .insertInto('thumbnails')
      .values({ source_sha256: file.sha256, ...row })
      .onConflict((conflict) => conflict.column('source_sha256').doUpdateSet(row))
      .execute();
    return thumbnail;
  }

  private async runWorker(file: Source): Promise<Thumbnail | undefined> {
    const { blobs, sandbox } = this.parts;
    const spec = {
      id: `thumbnail-${newId()}`,
      module_dir: WORKER,
      entry: 'main.py',
      inputs: [{ name: 'picture', path: await blobs.localPath(file.sha256) }],
      options: { side_px: LIMITS.thumbnail_px_max },
      limits: WORKER_TIERS.small,
      libraries: true,
    };
    const job = sandbox.runJob(spec, this.stopped.signal);
    let step = await job.next();
    while (!step.done) step = await job.next();
    return this.keep(step.value);
  }

  /** The worker has seen what an attacker sent, so what it gives back is looked at, too. */
  private async keep({ outputs }: JobResult): Promise<Thumbnail | undefined> {
    const [output] = outputs;
    if (!output) return undefined;
    const { path, sha256, size_bytes } = output;
    try {
      if (size_bytes > LIMITS.thumbnail_bytes_max) return undefined;
      const mime_type = pictureType(await readFile(path));
      if (!mime_type) return undefined;
      await this.parts.blobs.adopt(path, sha256);
      return { sha256, size_bytes, mime_type };
    } finally {
      await rm(dirname(path), { recursive: true, force: true });
    }
  }

  /** Few at once, so that a folder of photographs leaves places for the jobs of modules. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= LIMITS.thumbnails_at_once_max) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      // The place goes to the next in line without becoming free.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}

function pictureType(bytes: Buffer): string | undefined {
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  if (bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))) return 'image/png';
  return undefined;
}
