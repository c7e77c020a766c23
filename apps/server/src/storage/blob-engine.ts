/** What a place for contents must be able to do. Above it stands `Blobs`, which checks what comes back. */
import type { Readable } from 'node:stream';

export interface Blob {
  sha256: string;
  size_bytes: number;
}

export interface StoredBlob extends Blob {
  written_ms: number;
}

/** From the first to the last byte, both included. */
export interface BlobRange {
  start: number;
  end: number;
}

export interface BlobEngine {
  /** Takes over a complete local file. When it returns, the content survives a power cut. */
  place(path: string, blob: Blob): Promise<void>;
  /** Undefined where there is no such content. `version` changes when what is stored under the name changes. */
  stat(sha256: string): Promise<(StoredBlob & { version: string }) | undefined>;
  read(sha256: string): Promise<Buffer>;
  stream(sha256: string, range?: BlobRange): Readable;
  /** A file of this machine with the content, which may be read and linked, and never written. */
  localPath(sha256: string): Promise<string>;
  list(): AsyncGenerator<StoredBlob, void, void>;
  remove(sha256: string): Promise<void>;
}

/** There is nothing under that name. */
export class MissingBlob extends Error {
  constructor(sha256: string, cause?: unknown) {
    super(`there is no blob ${sha256}`, { cause });
  }
}

export const SHA256 = /^[0-9a-f]{64}$/;
