/** What the person and their modules have put onto the desktop. */
import type { DesktopContent, DesktopShortcut } from '@hanabi/protocol';
import type { api as desktopApi } from '../api/client.ts';
import { type Entry, listedEntries } from '../files/entries.ts';

type ContentApi = Pick<typeof desktopApi, 'desktop' | 'desktopFolder' | 'removeShortcut'>;

export class DesktopContents {
  readonly #api: ContentApi;
  entries = $state.raw<readonly Entry[]>([]);
  shortcuts = $state.raw<readonly DesktopShortcut[]>([]);
  /** The folder that they lie in; null: nothing was ever put there. */
  folderId = $state<string | null>(null);
  #latest: Promise<void> = Promise.resolve();

  constructor(api: ContentApi) {
    this.#api = api;
  }

  /** Settles once nothing newer is under way. */
  load(): Promise<void> {
    const turn = this.#read(() => turn === this.#latest);
    this.#latest = turn;
    return turn;
  }

  async #read(isLatest: () => boolean): Promise<void> {
    let content: DesktopContent;
    try {
      content = await this.#api.desktop();
    } catch {
      // Not worth a word: the next news asks again.
      return;
    }
    // An older answer must not undo a newer one.
    if (!isLatest()) return this.#latest;
    this.folderId = content.folder_id;
    this.entries = listedEntries(content);
    this.shortcuts = content.shortcuts;
  }

  /** For whoever is about to put something there; fails with the server's reason. */
  async ensureFolder(): Promise<string> {
    this.folderId ??= (await this.#api.desktopFolder()).id;
    return this.folderId;
  }

  async removeShortcut(id: string): Promise<void> {
    await this.#api.removeShortcut(id);
    await this.load();
  }
}
