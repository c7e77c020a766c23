import { type FileEntry, HanabiError } from '@hanabi/protocol';
import { csrfHeaders, errorFrom } from './request.ts';

/** Sends the bytes of a file. XMLHttpRequest, because `fetch` reports no progress of what it sends. */
export function upload(
  path: string,
  file: File,
  onProgress: (sentBytes: number, totalBytes: number) => void,
  signal: AbortSignal,
): Promise<FileEntry> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const cancel = () => xhr.abort();
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', cancel);
      act();
    };
    xhr.open('PUT', path);
    xhr.setRequestHeader('content-type', 'application/octet-stream');
    for (const [name, value] of Object.entries(csrfHeaders())) xhr.setRequestHeader(name, value);
    xhr.upload.addEventListener('progress', (event) => onProgress(event.loaded, event.total || file.size));
    xhr.addEventListener('load', () =>
      settle(() => {
        if (xhr.status >= 400) reject(errorFrom(xhr.responseText, xhr.status));
        else resolve((JSON.parse(xhr.responseText) as { file: FileEntry }).file);
      }),
    );
    xhr.addEventListener('error', () => settle(() => reject(new HanabiError('HANABI-V011'))));
    xhr.addEventListener('abort', () => settle(() => reject(new HanabiError('HANABI-W016'))));
    if (signal.aborted) {
      reject(new HanabiError('HANABI-W016'));
      return;
    }
    signal.addEventListener('abort', cancel);
    xhr.send(file);
  });
}
