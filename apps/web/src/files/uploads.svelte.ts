/** The uploads of this desktop: a few at a time, each with its progress, its pause, its cancel and its error. */
import type { HanabiError } from '@hanabi/protocol';
import {
  forgetUpload,
  type InterruptedUpload,
  interruptedUploads,
  uploadFingerprint,
} from '../api/interrupted-uploads.ts';
import { DISCARD } from '../api/upload.ts';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import { t } from '../i18n/i18n.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import type { DroppedTree } from './dropped-files.ts';
import { announceFilesChanged } from './files-changed.ts';
import { buildFolders, isThere } from './folder-builder.ts';
import type { Tasks } from './tasks.svelte.ts';

const concurrent_max = 3;

type UploadState = 'waiting' | 'sending' | 'retrying' | 'paused' | 'done' | 'there' | 'failed' | 'cancelled';

export class Upload {
  readonly id: number;
  readonly file: File;
  readonly folderId: string;
  readonly fingerprint: string;
  abort = new AbortController();
  state = $state<UploadState>('waiting');
  sent_bytes = $state(0);
  error = $state.raw<HanabiError | null>(null);

  /** The id of the new file, or null when this one came to nothing; a later try counts for itself. */
  readonly ended: Promise<string | null>;
  settle!: (fileId: string | null) => void;

  readonly running = $derived(this.state === 'sending' || this.state === 'retrying');
  readonly under_way = $derived(this.running || this.state === 'waiting' || this.state === 'paused');

  constructor(id: number, file: File, folderId: string) {
    this.id = id;
    this.file = file;
    this.folderId = folderId;
    this.fingerprint = uploadFingerprint(folderId, file);
    this.ended = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get pct(): number {
    return this.file.size > 0 ? Math.min(100, (100 * this.sent_bytes) / this.file.size) : 0;
  }
}

type UploadApi = Pick<DesktopApi, 'upload' | 'folder' | 'makeFolder'>;

/** What a person wants to see first. */
const interest: Record<UploadState, number> = {
  failed: 0,
  retrying: 1,
  sending: 1,
  paused: 2,
  waiting: 3,
  cancelled: 4,
  done: 5,
  there: 5,
};

export class Uploads {
  readonly #api: UploadApi;
  readonly #tasks: Tasks;
  all = $state.raw<readonly Upload[]>([]);
  /** Begun in an earlier life of this page, and waiting for their files. */
  interrupted = $state.raw<readonly InterruptedUpload[]>(interruptedUploads());
  #made = 0;

  readonly under_way = $derived(this.all.filter((upload) => upload.under_way).length);
  readonly done = $derived(this.all.filter(({ state }) => state === 'done' || state === 'there').length);
  readonly sorted = $derived(this.all.toSorted((a, b) => interest[a.state] - interest[b.state]));

  constructor(api: UploadApi, tasks: Tasks) {
    this.#api = api;
    this.#tasks = tasks;
  }

  add(folderId: string, files: readonly File[]): readonly Upload[] {
    const added = files.map((file) => this.#upload(file, folderId));
    this.#take(added);
    return added;
  }

  /** Files with the folders they lie in. Fails when a folder cannot be made. */
  async addTree(folderId: string, tree: DroppedTree): Promise<void> {
    if (tree.folders.length === 0) {
      this.add(
        folderId,
        tree.files.map(({ file }) => file),
      );
      return;
    }
    const { folders, files } = tree;
    const built = await this.#tasks.run(t('uploads.folders', { count: folders.length }), folders.length, (task) =>
      buildFolders(this.#api, folderId, tree, () => (task.done += 1)),
    );
    announceFilesChanged();
    this.#take(
      files.map(({ file, folder }) => {
        const destination = built.get(folder.join('/'))!;
        const upload = this.#upload(file, destination.id);
        if (isThere(destination, file)) upload.state = 'there';
        return upload;
      }),
    );
  }

  pause(upload: Upload): void {
    if (!upload.running && upload.state !== 'waiting') return;
    upload.state = 'paused';
    upload.abort.abort();
    this.#next();
  }

  /** Goes on after a pause or a failure, where it stopped. */
  resume(upload: Upload): void {
    if (upload.state !== 'paused' && upload.state !== 'failed') return;
    upload.abort = new AbortController();
    upload.error = null;
    upload.state = 'waiting';
    this.#next();
  }

  cancel(upload: Upload): void {
    if (!upload.under_way && upload.state !== 'failed') return;
    upload.state = 'cancelled';
    upload.error = null;
    upload.abort.abort(DISCARD);
    upload.settle(null);
    forgetUpload(upload.fingerprint);
    this.#next();
  }

  cancelAll(): void {
    for (const upload of this.all) this.cancel(upload);
  }

  /** The desktop goes away; what has arrived can be continued when it is back. */
  stop(): void {
    for (const upload of this.all) this.pause(upload);
  }

  /** After signing in again. */
  resumeFailed(): void {
    for (const upload of this.all) {
      if (upload.error?.code.startsWith('HANABI-A')) this.resume(upload);
    }
  }

  forgetInterrupted(): void {
    for (const { fingerprint } of this.interrupted) forgetUpload(fingerprint);
    this.interrupted = [];
  }

  dismiss(): void {
    if (this.under_way > 0) return;
    this.all = [];
  }

  #upload(file: File, folderId: string): Upload {
    return new Upload((this.#made += 1), file, folderId);
  }

  #take(added: readonly Upload[]): void {
    // What ended well makes room for what begins now.
    const kept = this.under_way > 0 ? this.all : this.all.filter((upload) => upload.state === 'failed');
    this.all = [...kept, ...added];
    const offered = new Set(added.map((upload) => upload.fingerprint));
    this.interrupted = this.interrupted.filter(({ fingerprint }) => !offered.has(fingerprint));
    this.#next();
  }

  #next(): void {
    let free = concurrent_max - this.all.filter((upload) => upload.running).length;
    if (free <= 0) return;
    // Two offers of one file would write into the same half of it.
    const held = new Set(this.all.filter((upload) => upload.running).map((upload) => upload.fingerprint));
    for (const upload of this.all) {
      if (free === 0) return;
      if (upload.state !== 'waiting' || held.has(upload.fingerprint)) continue;
      held.add(upload.fingerprint);
      free -= 1;
      void this.#send(upload);
    }
  }

  async #send(upload: Upload): Promise<void> {
    upload.state = 'sending';
    const { signal } = upload.abort;
    const watch = {
      onprogress: (sent_bytes: number) => {
        upload.sent_bytes = sent_bytes;
        if (upload.state === 'retrying') upload.state = 'sending';
      },
      onretry: () => (upload.state = 'retrying'),
    };
    try {
      const fileId = await this.#api.upload(upload.folderId, upload.file, watch, signal);
      upload.sent_bytes = upload.file.size;
      upload.state = 'done';
      upload.settle(fileId);
      announceFilesChanged();
    } catch (cause) {
      if (!signal.aborted) {
        upload.error = asHanabiError(cause);
        upload.state = 'failed';
        upload.settle(null);
      }
    }
    this.#next();
  }
}
