/** What @tus/server sees of the uploads of one user. */
import { DataStore, type Lock, type Locker, type RequestRelease, Upload } from '@tus/server';
import { LIMITS } from '@hanabi/protocol';
import type { Readable } from 'node:stream';
import type { UploadRow, Uploads } from './uploads.ts';

export class UploadStore extends DataStore {
  private readonly uploads: Uploads;
  private readonly userId: string;

  constructor(uploads: Uploads, userId: string) {
    super();
    this.uploads = uploads;
    this.userId = userId;
    this.extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  }

  override async create(upload: Upload): Promise<Upload> {
    const { folder_id, filename } = upload.metadata ?? {};
    const row = await this.uploads.create({
      id: upload.id,
      user_id: this.userId,
      folder_id: folder_id ?? '',
      name: filename ?? '',
      size_bytes: upload.size ?? 0,
    });
    upload.creation_date = creationDate(row);
    return upload;
  }

  override async getUpload(id: string): Promise<Upload> {
    const row = await this.uploads.get(this.userId, id);
    const { folder_id, name, size_bytes, offset_bytes } = row;
    const metadata = { folder_id, filename: name };
    return new Upload({ id, size: size_bytes, offset: offset_bytes, metadata, creation_date: creationDate(row) });
  }

  override async write(stream: Readable, id: string, _offset: number): Promise<number> {
    return this.uploads.append(await this.uploads.get(this.userId, id), stream as AsyncIterable<Uint8Array>);
  }

  override async remove(id: string): Promise<void> {
    await this.uploads.remove(await this.uploads.get(this.userId, id));
  }

  override getExpiration(): number {
    return LIMITS.upload_idle_ms_max;
  }
}

/** The library counts from the creation, we from the last byte that came. */
function creationDate(row: UploadRow): string {
  return new Date(Date.parse(row.expires_at) - LIMITS.upload_idle_ms_max).toISOString();
}

interface Holder {
  askToRelease: RequestRelease;
  released: Promise<void>;
}

/**
 * One request at a time for each upload. Who comes later asks the holder to stop, for it is most often what is left of
 * a connection that broke. The library's own lock does the same, but spins while it waits.
 */
export class UploadLocker implements Locker {
  private readonly holders = new Map<string, Holder>();

  newLock(id: string): Lock {
    const { holders } = this;
    let release: (() => void) | undefined;
    return {
      async lock(signal, askToRelease) {
        for (let holder = holders.get(id); holder; holder = holders.get(id)) {
          await holder.askToRelease();
          await Promise.race([holder.released, aborted(signal)]);
        }
        const released = new Promise<void>((resolve) => {
          release = resolve;
        });
        holders.set(id, { askToRelease, released });
      },
      async unlock() {
        holders.delete(id);
        release?.();
      },
    };
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = () => reject(signal.reason as Error);
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
