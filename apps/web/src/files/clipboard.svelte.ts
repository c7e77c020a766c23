/** Files that were cut or copied, for every Explorer window of the desktop. */
import type { Entry } from './entries.ts';

export interface Clip {
  mode: 'cut' | 'copy';
  entries: readonly Entry[];
}

export class Clipboard {
  clip = $state.raw<Clip | null>(null);
  readonly #cut: ReadonlySet<string> = $derived(
    new Set(this.clip?.mode === 'cut' ? this.clip.entries.map((entry) => entry.id) : []),
  );

  put(mode: Clip['mode'], entries: readonly Entry[]): void {
    this.clip = entries.length > 0 ? { mode, entries } : null;
  }

  /** What is to be pasted. What was cut can be pasted once, what was copied again and again. */
  take(): Clip | null {
    const { clip } = this;
    if (clip?.mode === 'cut') this.clip = null;
    return clip;
  }

  clear(): void {
    this.clip = null;
  }

  /** Whether an entry waits to be moved away, and is shown paler. */
  isCut(id: string): boolean {
    return this.#cut.has(id);
  }
}
