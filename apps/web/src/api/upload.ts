/** Uploads by the tus protocol: what has arrived stays, whatever happens to the connection, the page or the server. */
import { DESKTOP_PATHS, HanabiError } from '@hanabi/protocol';
import type { DetailedError, Upload } from 'tus-js-client';
import { uploadFingerprint, uploadStore } from './interrupted-uploads.ts';
import { csrfHeaders, errorFrom } from './request.ts';

/** Waits between tries, for as long as nothing arrives; every byte that does makes it begin anew. */
const retry_delays_ms = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 30_000, 60_000];

/** Up to this size a file travels with the request that announces it. */
const small_bytes_max = 1024 * 1024;

export interface UploadWatch {
  onprogress: (sent_bytes: number) => void;
  /** The connection is gone; it tries again. */
  onretry: () => void;
}

/** Reason of an abort that also throws away what has arrived. Any other abort can be continued. */
export const DISCARD = Symbol('discard');

/**
 * Sends a file, or the rest of it where an earlier try left off. Returns the id of the new file. An abort ends it with
 * HANABI-W016.
 */
export async function upload(folderId: string, file: File, watch: UploadWatch, signal: AbortSignal): Promise<string> {
  const { Upload } = await import('tus-js-client');
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', cancel);
      removeEventListener('online', again);
      act();
    };
    const sending = new Upload(file, {
      endpoint: DESKTOP_PATHS.uploads,
      metadata: { folder_id: folderId, filename: file.name },
      fingerprint: () => Promise.resolve(uploadFingerprint(folderId, file)),
      urlStorage: uploadStore,
      removeFingerprintOnSuccess: true,
      uploadDataDuringCreation: file.size <= small_bytes_max,
      retryDelays: retry_delays_ms,
      onBeforeRequest: (request) => {
        // A new session has a new token, and an upload may outlive a session.
        for (const [name, value] of Object.entries(csrfHeaders())) request.setHeader(name, value);
      },
      onProgress: watch.onprogress,
      onShouldRetry: (error) => {
        const retries = mayPass(error);
        if (retries) watch.onretry();
        return retries;
      },
      onSuccess: ({ lastResponse }) => settle(() => resolve(lastResponse.getHeader('x-hanabi-file') ?? '')),
      onError: (error) => settle(() => reject(asError(error))),
    });
    const cancel = () => {
      settle(() => reject(new HanabiError('HANABI-W016')));
      // What cannot be thrown away now, the server clears away in time.
      void sending.abort(signal.reason === DISCARD).catch(() => undefined);
    };
    /** The network is back: nobody wants to wait for the next try. */
    const again = () => void sending.abort().then(() => signal.aborted || sending.start());
    signal.addEventListener('abort', cancel);
    addEventListener('online', again);
    if (signal.aborted) return cancel();
    void begin(sending, signal);
  });
}

async function begin(sending: Upload, signal: AbortSignal): Promise<void> {
  const [previous] = await sending.findPreviousUploads();
  if (signal.aborted) return;
  if (previous) sending.resumeFromPreviousUpload(previous);
  sending.start();
}

/** Whether a failure may pass by itself: no answer at all, a server that restarts, an upload somebody still holds. */
function mayPass(error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  return status === 0 || status === 409 || status === 423 || (status >= 500 && status !== 507);
}

function asError(error: Error | DetailedError): HanabiError {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  if (!response) return new HanabiError('HANABI-V011', undefined, { cause: error });
  return errorFrom(response.getBody(), response.getStatus());
}
