/** The questions of modules for a file of the user: one dialog at a time, the others wait their turn. */
import type { FileEntry } from '@hanabi/protocol';

export interface PickRequest {
  moduleName: string;
  accepts?: string[];
  answer: (file: FileEntry | null) => void;
}

export class FilePicker {
  #waiting = $state.raw<readonly PickRequest[]>([]);
  readonly current = $derived(this.#waiting[0] ?? null);

  /** The question goes away, unanswered, when whoever asked is gone. */
  ask({ signal, ...wanted }: Omit<PickRequest, 'answer'> & { signal: AbortSignal }): Promise<FileEntry | null> {
    return new Promise((resolve) => {
      const leave = () => request.answer(null);
      const request: PickRequest = {
        ...wanted,
        answer: (file) => {
          this.#waiting = this.#waiting.filter((other) => other !== request);
          signal.removeEventListener('abort', leave);
          resolve(file);
        },
      };
      if (signal.aborted) return resolve(null);
      signal.addEventListener('abort', leave);
      this.#waiting = [...this.#waiting, request];
    });
  }
}
