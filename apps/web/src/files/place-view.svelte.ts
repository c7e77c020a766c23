/** A place that is being looked at: what lies in it, in which order, and what went wrong. */
import type { FolderListing, HanabiError } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import { type Entry, foundEntries, listedEntries, type Sort, sortedEntries, trashedEntries } from './entries.ts';
import { type Place, placeKey, samePlace } from './place.ts';

type PlaceApi = Pick<DesktopApi, 'folder' | 'trash' | 'recent' | 'search'>;
type Shows = (entry: Entry, listing: FolderListing | null) => boolean;

export class PlaceView {
  readonly #api: PlaceApi;
  readonly #shows: Shows;
  place = $state.raw<Place | null>(null);
  /** Of a folder only. */
  listing = $state.raw<FolderListing | null>(null);
  /** False until the first answer for the place has come. */
  loaded = $state(false);
  error = $state.raw<HanabiError | null>(null);
  /** How folders are sorted. */
  sort = $state.raw<Sort>({ key: 'name', ascending: true });
  /** How a list of the server is sorted: not at all until somebody asks, for its own order means something. */
  #ownSort = $state.raw<Sort | null>(null);
  #items = $state.raw<readonly Entry[]>([]);
  #asked = 0;
  #going: Promise<boolean> | null = null;
  #refreshing: Promise<void> | null = null;
  #stale = false;

  readonly order: Sort | null = $derived(this.place?.kind === 'folder' ? this.sort : this.#ownSort);
  readonly entries: readonly Entry[] = $derived.by(() => {
    const { listing, order } = this;
    const shown = this.#items.filter((entry) => this.#shows(entry, listing));
    return order ? sortedEntries(shown, order) : shown;
  });
  readonly indexOf: ReadonlyMap<string, number> = $derived(
    new Map(this.entries.map((entry, index) => [entry.id, index])),
  );

  constructor(api: PlaceApi, shows: Shows = () => true) {
    this.#api = api;
    this.#shows = shows;
  }

  entry(id: string | null): Entry | null {
    const index = id === null ? undefined : this.indexOf.get(id);
    return index === undefined ? null : this.entries[index]!;
  }

  sortBy(sort: Sort): void {
    if (this.place?.kind === 'folder') this.sort = sort;
    else this.#ownSort = sort;
  }

  /** Goes to a place. Of two questions under way only the later one counts; false for the earlier. */
  open(place: Place): Promise<boolean> {
    const going = this.#open(place).finally(() => {
      if (this.#going === going) this.#going = null;
    });
    this.#going = going;
    return going;
  }

  async #open(place: Place): Promise<boolean> {
    this.#asked += 1;
    const asked = this.#asked;
    const current = this.place !== null && samePlace(this.place, place);
    try {
      const { listing, items } = await this.#load(place);
      if (asked !== this.#asked) return false;
      if (!current) this.#ownSort = null;
      this.listing = listing;
      this.#items = items;
      this.error = null;
      this.loaded = true;
    } catch (cause) {
      if (asked !== this.#asked) return false;
      const error = asHanabiError(cause);
      // What is shown stays while the server is away; the next look mends it.
      if (current && this.loaded && error.category === 'UNAVAILABLE') return true;
      this.error = error;
      this.loaded = false;
      this.listing = null;
      this.#items = [];
    }
    // "root" is another name for the top folder; from here on the folder has one.
    this.place = this.listing && place.kind === 'folder' ? { kind: 'folder', id: this.listing.folder.id } : place;
    return true;
  }

  /**
   * Looks again. However often it is asked while the answer is on its way, one more look follows it: many files that
   * arrive one after the other do not make many listings.
   */
  refresh(): Promise<void> {
    if (this.#refreshing) {
      this.#stale = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#look().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** When the look that is under way has ended. */
  settled(): Promise<void> {
    return this.#refreshing ?? Promise.resolve();
  }

  async #look(): Promise<void> {
    do {
      this.#stale = false;
      // News of files must not bring a person back who is on the way to another place.
      while (this.#going) await this.#going;
      if (this.place) await this.#open(this.place);
    } while (this.#stale);
  }

  get key(): string {
    return this.place ? placeKey(this.place) : '';
  }

  /** The folder that is shown, where one is. */
  get folderId(): string | null {
    return this.listing?.folder.id ?? null;
  }

  get parentId(): string | null {
    return this.listing?.path.at(-2)?.id ?? null;
  }

  async #load(place: Place): Promise<{ listing: FolderListing | null; items: Entry[] }> {
    if (place.kind === 'folder') {
      const listing = await this.#api.folder(place.id);
      return { listing, items: listedEntries(listing) };
    }
    if (place.kind === 'trash') return { listing: null, items: trashedEntries(await this.#api.trash()) };
    const found = await (place.kind === 'recent' ? this.#api.recent() : this.#api.search(place.query));
    return { listing: null, items: foundEntries(found) };
  }
}
