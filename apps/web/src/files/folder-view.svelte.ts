/** A folder that is being looked at: its listing, what is chosen in it, and what went wrong. */
import type { FolderListing, HanabiError } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import { type Entry, type Sort, sortedEntries } from './entries.ts';

export class FolderView {
  readonly #api: Pick<DesktopApi, 'folder'>;
  readonly #shows: (entry: Entry, listing: FolderListing) => boolean;
  listing = $state.raw<FolderListing | null>(null);
  error = $state.raw<HanabiError | null>(null);
  selectedId = $state<string | null>(null);
  sort = $state.raw<Sort>({ key: 'name', ascending: true });
  #asked = 0;

  readonly entries: readonly Entry[] = $derived.by(() => {
    const { listing } = this;
    return listing ? sortedEntries(listing, this.sort).filter((entry) => this.#shows(entry, listing)) : [];
  });
  readonly selected = $derived(this.entries.find((entry) => entry.id === this.selectedId) ?? null);

  constructor(api: Pick<DesktopApi, 'folder'>, shows: (entry: Entry, listing: FolderListing) => boolean = () => true) {
    this.#api = api;
    this.#shows = shows;
  }

  /** Goes to a folder. Of two questions under way only the later one counts. */
  async open(folderId: string, select: string | null = null): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const listing = await this.#api.folder(folderId);
      if (asked !== this.#asked) return;
      this.listing = listing;
      this.error = null;
      this.selectedId = select;
    } catch (cause) {
      if (asked === this.#asked) this.error = asHanabiError(cause);
    }
  }

  /** Looks again, and keeps what is chosen if it is still there. */
  async refresh(): Promise<void> {
    if (this.listing) await this.open(this.listing.folder.id, this.selectedId);
  }

  get parentId(): string | null {
    return this.listing?.path.at(-2)?.id ?? null;
  }

  /** One folder up, with the folder that was left chosen. */
  async up(): Promise<void> {
    const from = this.listing?.folder.id ?? null;
    if (this.parentId) await this.open(this.parentId, from);
  }
}
