/** The uploads of this desktop: a few at a time, each with its progress, its cancel and its error. */
import type { HanabiError } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import { announceFilesChanged } from './files-changed.ts';

const concurrent_max = 2;

export class Upload {
  readonly id: number;
  readonly file: File;
  readonly folderId: string;
  readonly abort = new AbortController();
  state = $state<'waiting' | 'sending' | 'done' | 'failed' | 'cancelled'>('waiting');
  sent_bytes = $state(0);
  error = $state.raw<HanabiError | null>(null);

  readonly under_way = $derived(this.state === 'waiting' || this.state === 'sending');

  constructor(id: number, file: File, folderId: string) {
    this.id = id;
    this.file = file;
    this.folderId = folderId;
  }

  get pct(): number {
    return this.file.size > 0 ? Math.min(100, (100 * this.sent_bytes) / this.file.size) : 0;
  }
}

export class Uploads {
  readonly #api: Pick<DesktopApi, 'upload'>;
  all = $state.raw<readonly Upload[]>([]);
  #made = 0;

  readonly under_way = $derived(this.all.filter((upload) => upload.under_way).length);
  readonly done = $derived(this.all.filter((upload) => upload.state === 'done').length);

  constructor(api: Pick<DesktopApi, 'upload'>) {
    this.#api = api;
  }

  add(folderId: string, files: readonly File[]): void {
    // What ended well makes room for what begins now.
    const kept = this.under_way > 0 ? this.all : this.all.filter((upload) => upload.state === 'failed');
    const added = files.map((file) => new Upload((this.#made += 1), file, folderId));
    this.all = [...kept, ...added];
    this.#next();
  }

  cancel(upload: Upload): void {
    if (!upload.under_way) return;
    upload.state = 'cancelled';
    upload.abort.abort();
    this.#next();
  }

  cancelAll(): void {
    for (const upload of this.all) this.cancel(upload);
  }

  dismiss(): void {
    if (this.under_way === 0) this.all = [];
  }

  #next(): void {
    const sending = this.all.filter((upload) => upload.state === 'sending').length;
    const waiting = this.all.filter((upload) => upload.state === 'waiting');
    for (const upload of waiting.slice(0, Math.max(0, concurrent_max - sending))) void this.#send(upload);
  }

  async #send(upload: Upload): Promise<void> {
    upload.state = 'sending';
    try {
      const progress = (sent_bytes: number) => (upload.sent_bytes = sent_bytes);
      await this.#api.upload(upload.folderId, upload.file, progress, upload.abort.signal);
      // A cancel that came after the last byte came too late: the file is there.
      upload.sent_bytes = upload.file.size;
      upload.state = 'done';
      announceFilesChanged();
    } catch (cause) {
      if (!upload.abort.signal.aborted) {
        upload.error = asHanabiError(cause);
        upload.state = 'failed';
      }
    }
    this.#next();
  }
}
