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

  ask(wanted: { moduleName: string; accepts?: string[] }): Promise<FileEntry | null> {
    return new Promise((resolve) => {
      const request: PickRequest = {
        ...wanted,
        answer: (file) => {
          this.#waiting = this.#waiting.filter((other) => other !== request);
          resolve(file);
        },
      };
      this.#waiting = [...this.#waiting, request];
    });
  }
}
