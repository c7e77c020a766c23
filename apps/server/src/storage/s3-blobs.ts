/**
 * Contents as objects of an S3-compatible store. Nothing here relies on conditional requests, which not every such
 * store has: an object is only ever written with the one content that its name stands for.
 */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { type S3ServiceError, S3mini } from 's3mini';
import { BlobCache } from './blob-cache.ts';
import { type Blob, type BlobEngine, type BlobRange, MissingBlob, SHA256, type StoredBlob } from './blob-engine.ts';
import { fetchUnlessSilent } from './fetch-unless-silent.ts';

export interface S3Settings {
  endpoint: string;
  bucket: string;
  region: string;
  access_key_id: string;
  secret_access_key: string;
}

const LIST_PAGE = 1000;
/** The hash of no bytes, of which no range can be asked for. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export class S3Blobs implements BlobEngine {
  private readonly s3: S3mini;
  private readonly cache: BlobCache;

  constructor(settings: S3Settings, cacheDir: string) {
    this.s3 = new S3mini({
      endpoint: `${settings.endpoint.replace(/\/+$/, '')}/${settings.bucket}`,
      region: settings.region,
      accessKeyId: settings.access_key_id,
      secretAccessKey: settings.secret_access_key,
      fetch: (url, init) => fetchUnlessSilent(url, init, LIMITS.store_silence_ms_max),
    });
    this.cache = new BlobCache(cacheDir);
  }

  async place(path: string, { sha256, size_bytes }: Blob): Promise<void> {
    // An empty stream would be sent in chunks, which the store refuses.
    const body = size_bytes === 0 ? '' : (Readable.toWeb(createReadStream(path)) as unknown as ReadableStream);
    await this.s3.putObject(key(sha256), body, undefined, undefined, undefined, size_bytes).catch(fails);
    await rm(path, { force: true });
  }

  async stat(sha256: string): Promise<(StoredBlob & { version: string }) | undefined> {
    try {
      // Asked of the object itself, because a listing may lag behind; the client's own HEAD does not tell the time.
      const { headers, body } = await this.get(sha256, sha256 === EMPTY ? undefined : { start: 0, end: 0 });
      await body?.cancel();
      const size_bytes = Number(headers.get('content-range')?.split('/')[1] ?? headers.get('content-length'));
      const written_ms = Date.parse(headers.get('last-modified') ?? '');
      return { sha256, size_bytes, written_ms, version: `${headers.get('etag')} ${size_bytes}` };
    } catch (error) {
      if (error instanceof MissingBlob) return undefined;
      throw error;
    }
  }

  async read(sha256: string): Promise<Buffer> {
    const response = await this.get(sha256);
    return Buffer.from(await response.arrayBuffer().catch(fails));
  }

  stream(sha256: string, range?: BlobRange): Readable {
    const get = this.get.bind(this);
    async function* bytes(): AsyncGenerator<Uint8Array, void, void> {
      const { body } = await get(sha256, range);
      try {
        if (body) yield* Readable.fromWeb(body);
      } catch (error) {
        fails(error);
      }
    }
    return Readable.from(bytes(), { objectMode: false });
  }

  localPath(sha256: string): Promise<string> {
    return this.cache.path(sha256, () => this.stream(sha256));
  }

  async *list(): AsyncGenerator<StoredBlob, void, void> {
    let token: string | undefined;
    do {
      const page = await this.s3.listObjectsPaged('/', '', LIST_PAGE, token).catch(fails);
      for (const object of page?.objects ?? []) {
        const sha256 = object.Key.slice(3);
        if (SHA256.test(sha256) && object.Key === key(sha256))
          yield { sha256, size_bytes: object.Size, written_ms: object.LastModified.getTime() };
      }
      token = page?.nextContinuationToken;
    } while (token);
  }

  async remove(sha256: string): Promise<void> {
    await this.s3.deleteObject(key(sha256)).catch((error: unknown) => {
      if (!isMissing(error)) fails(error);
    });
    await this.cache.forget(sha256);
  }

  /** Whether the bucket is there and lets us in. */
  usable(): Promise<boolean> {
    return this.s3.bucketExists();
  }

  private async get(sha256: string, range?: BlobRange): Promise<Response> {
    try {
      if (!range) return await this.s3.getObjectRaw(key(sha256));
      return await this.s3.getObjectRaw(key(sha256), false, range.start, range.end + 1);
    } catch (error) {
      if (isMissing(error)) throw new MissingBlob(sha256, error);
      return fails(error);
    }
  }
}

/** Whatever the store or the way to it says, nobody but the operator can do anything about it. */
function fails(cause: unknown): never {
  throw new HanabiError('HANABI-F012', undefined, { cause });
}

function key(sha256: string): string {
  return `${sha256.slice(0, 2)}/${sha256}`;
}

function isMissing(error: unknown): boolean {
  return (error as Partial<S3ServiceError>).status === 404;
}
