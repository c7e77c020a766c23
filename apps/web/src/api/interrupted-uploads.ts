/**
 * Uploads that have begun on the server and have not ended, remembered in this browser: a file that is offered again
 * after a reload goes on where it stopped.
 */
import type { PreviousUpload, UrlStorage } from 'tus-js-client';
import { readStored, writeStored } from '../ui/stored.ts';

type Kept = Record<string, Omit<PreviousUpload, 'urlStorageKey'>>;

const storeKey = 'uploads';
/** The server does not keep the half of a file for ever. */
const kept_ms_max = 7 * 24 * 3600 * 1000;

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'object' && one);

function readAll(): Kept {
  const all = Object.entries(readStored<Kept>(storeKey, {}, isKept));
  return Object.fromEntries(all.filter(([, one]) => Date.now() - Date.parse(one.creationTime) < kept_ms_max));
}

export interface InterruptedUpload {
  fingerprint: string;
  name: string;
  folderId: string;
}

export function interruptedUploads(): InterruptedUpload[] {
  return Object.entries(readAll()).map(([fingerprint, { metadata }]) => ({
    fingerprint,
    name: metadata['filename'] ?? '',
    folderId: metadata['folder_id'] ?? '',
  }));
}

export function forgetUpload(fingerprint: string): void {
  const all = readAll();
  delete all[fingerprint];
  writeStored(storeKey, all);
}

/** The same, as tus-js-client wants it. */
export const uploadStore: UrlStorage = {
  findAllUploads: () =>
    Promise.resolve(Object.entries(readAll()).map(([urlStorageKey, one]) => ({ ...one, urlStorageKey }))),
  findUploadsByFingerprint(fingerprint) {
    const one = readAll()[fingerprint];
    return Promise.resolve(one ? [{ ...one, urlStorageKey: fingerprint }] : []);
  },
  removeUpload(urlStorageKey) {
    forgetUpload(urlStorageKey);
    return Promise.resolve();
  },
  addUpload(fingerprint, upload) {
    writeStored(storeKey, { ...readAll(), [fingerprint]: upload });
    return Promise.resolve(fingerprint);
  },
};

/** What makes two offers the same upload: where it goes, and everything a page learns of a file without reading it. */
export function uploadFingerprint(folderId: string, file: File): string {
  return [folderId, file.name, file.size, file.lastModified].join('/');
}
