/** One Explorer window: where it is, what is chosen, and everything that can be done there. */
import type { FileEntry, ItemRef } from '@hanabi/protocol';
import { tick } from 'svelte';
import type { Shell } from '../desktop/shell.svelte.ts';
import { t } from '../i18n/i18n.ts';
import { readStored, writeStored } from '../ui/stored.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import { download, openFile } from './explorer-actions.ts';
import { type DroppedTree } from './dropped-files.ts';
import { previewKind } from './file-kind.ts';
import { type Entry, parentOf, refOf, type Sort, SORT_KEYS, type SortKey } from './entries.ts';
import { type Place, samePlace } from './place.ts';
import { PlaceView } from './place-view.svelte.ts';
import { Selection } from './selection.svelte.ts';

/** What the view of the entries, tiles or list, lets the keyboard know and do. */
export interface Surface {
  readonly columns: number;
  readonly page_rows: number;
  show: (index: number) => void;
  /** The element of an entry that is in the page. */
  element: (id: string) => HTMLElement | null;
}

export type ExplorerDialog =
  | { kind: 'folder' }
  | { kind: 'delete'; what: 'all' | readonly Entry[] }
  | { kind: 'properties'; items: readonly { ref: ItemRef; name: string }[] };

interface Look {
  view: 'tiles' | 'list';
  sort: Sort;
  preview: boolean;
}

/** Windows that are not wider have no room for the pane; the same width stands in the style sheets. */
const pane_beside_px = 700;

const first_look: Look = { view: 'tiles', sort: { key: 'name', ascending: true }, preview: false };

export class ExplorerModel {
  readonly shell: Shell;
  readonly windowId: string;
  readonly view: PlaceView;
  readonly selection: Selection;
  shown = $state<Look['view']>('tiles');
  previewing = $state(false);
  /** The file whose preview stands in the place of the entries. */
  #enlarged = $state<string | null>(null);
  renaming = $state.raw<Entry | null>(null);
  /** Fingers choose instead of opening. */
  selecting = $state(false);
  /** The folder that what is dragged would fall into. */
  dropId = $state<string | null>(null);
  dialog = $state.raw<ExplorerDialog | null>(null);
  surface: Surface | null = null;
  content: HTMLElement | null = null;
  #back = $state.raw<readonly Place[]>([]);
  #forward = $state.raw<readonly Place[]>([]);

  readonly chosen: readonly Entry[] = $derived.by(() => {
    const { ids } = this.selection;
    if (ids.size === 0) return [];
    return this.view.entries.filter((entry) => ids.has(entry.id));
  });
  readonly only = $derived(this.chosen.length === 1 ? this.chosen[0]! : null);
  readonly enlarged = $derived(this.#enlarged !== null && this.only?.id === this.#enlarged);
  readonly inTrash = $derived.by(() => this.view.place?.kind === 'trash');
  readonly canPaste = $derived.by(() => this.view.folderId !== null && this.shell.clipboard.clip !== null);
  readonly canGoBack = $derived(this.#back.length > 0);
  readonly canGoForward = $derived(this.#forward.length > 0);

  constructor(shell: Shell, windowId: string) {
    this.shell = shell;
    this.windowId = windowId;
    this.view = new PlaceView(shell.api);
    this.selection = new Selection(this.view);
    const look = readStored<Look>('explorer', first_look, isLook);
    this.shown = look.view;
    this.previewing = look.preview;
    this.view.sort = look.sort;
  }

  /** Remembers how the next window is to look. */
  remember(): void {
    const look: Look = { view: this.shown, sort: this.view.sort, preview: this.previewing };
    writeStored('explorer', look);
  }

  /** The place that is shown, told apart from the same one in another window. */
  get place_name(): string {
    return this.shell.windows.nameOf(this.windowId, this.title);
  }

  /** What a part of this window is called, for whoever goes from landmark to landmark through all of them. */
  partName(part: string): string {
    return t('files.part', { part, place: this.place_name });
  }

  get title(): string {
    const { place, listing } = this.view;
    if (place?.kind === 'trash') return t('files.trash');
    if (place?.kind === 'recent') return t('files.recent');
    if (place?.kind === 'search') return t('files.searchTitle', { query: place.query });
    if (!listing) return t('programs.explorer');
    return listing.path.length === 1 ? t('files.home') : listing.folder.name;
  }

  /** With `quiet` the focus stays where it is. */
  async go(place: Place, select: string | null = null, quiet = false): Promise<void> {
    const from = this.view.place;
    if (!(await this.view.open(place))) return;
    if (from && !samePlace(from, this.view.place!)) {
      // Words that go on are one search: the way back leads to where it began.
      if (from.kind !== 'search' || place.kind !== 'search') this.#back = [...this.#back, from];
      this.#forward = [];
    }
    await this.#arrive(select, quiet);
  }

  goTo(folderId: string): void {
    void this.go({ kind: 'folder', id: folderId });
  }

  up(): void {
    const { parentId, folderId } = this.view;
    if (parentId) void this.go({ kind: 'folder', id: parentId }, folderId);
  }

  back(quiet = false): void {
    const place = this.#back.at(-1);
    if (!place) return;
    const [back, left] = [this.#back.slice(0, -1), this.view.place!];
    void this.#return(
      place,
      () => {
        this.#forward = [left, ...this.#forward];
        this.#back = back;
      },
      quiet,
    );
  }

  forward(): void {
    const place = this.#forward[0];
    if (!place) return;
    const [forward, left] = [this.#forward.slice(1), this.view.place!];
    void this.#return(place, () => {
      this.#back = [...this.#back, left];
      this.#forward = forward;
    });
  }

  async #return(place: Place, arrived: () => void, quiet = false): Promise<void> {
    const left = this.view.folderId;
    if (!(await this.view.open(place))) return;
    arrived();
    await this.#arrive(left, quiet);
  }

  async #arrive(select: string | null, quiet: boolean): Promise<void> {
    this.selection.reset();
    this.renaming = null;
    this.selecting = false;
    this.#enlarged = null;
    await tick();
    if (select !== null && this.view.indexOf.has(select)) {
      this.selection.only(select);
      this.surface?.show(this.selection.cursorIndex);
    }
    this.selection.settle();
    if (!quiet) await this.focus();
  }

  /** Somebody who is still typing keeps the focus, and leaves the search by deleting its words. */
  search(query: string, typing = false): void {
    const text = query.trim();
    if (text !== '') void this.go({ kind: 'search', query: text }, null, typing);
    else if (typing && this.view.place?.kind === 'search') this.back(true);
  }

  /** The focus goes to the entries, unless another window has it, or a panel that was opened while they were on their way. */
  async focus(): Promise<void> {
    if (this.shell.windows.activeId !== this.windowId) return;
    await tick();
    if (this.shell.panel !== null) return;
    const id = this.selection.cursor ?? this.view.entries[0]?.id;
    const element = id === undefined ? null : this.surface?.element(id);
    (element ?? this.content)?.focus({ preventScroll: true });
  }

  /** Stands on an entry, in view and with the focus. */
  async stand(index: number): Promise<void> {
    this.surface?.show(index);
    await this.focus();
  }

  sortBy(key: SortKey): void {
    const { order } = this.view;
    this.view.sortBy({ key, ascending: order?.key === key ? !order.ascending : key === 'name' });
  }

  /** A menu or a key acts on what is chosen, or on the entry under the cursor where nothing is. */
  takeCursor(): void {
    const { selection } = this;
    if (selection.size === 0 && selection.cursor !== null) selection.only(selection.cursor);
  }

  open(entry: Entry): void {
    if (this.inTrash) this.showProperties([entry]);
    else if (entry.kind === 'folder') this.goTo(entry.id);
    else void openFile(this.shell, entry.file, () => this.#preview(entry.file));
  }

  /** Shows a file in the pane; without room for one, or where it is in the pane already, in the place of the entries. */
  #preview(file: FileEntry): boolean {
    if (previewKind(file.name, file.mime_type) === 'none') return false;
    this.selection.only(file.id);
    const roomy = (this.content?.parentElement?.clientWidth ?? 0) > pane_beside_px;
    if (roomy && !this.previewing) this.previewing = true;
    else this.#enlarged = file.id;
    return true;
  }

  async closePreview(): Promise<void> {
    this.#enlarged = null;
    await this.focus();
  }

  /** Shows an entry that was found in the folder that holds it. */
  reveal(entry: Entry): void {
    const parent = parentOf(entry);
    if (parent) void this.go({ kind: 'folder', id: parent }, entry.id);
  }

  startRename(): void {
    this.takeCursor();
    if (this.only && !this.inTrash) this.renaming = this.only;
  }

  /** Ends the field of the name. Fails with the reason, and then the field stays. */
  async rename(name: string): Promise<void> {
    const entry = this.renaming;
    if (entry && name.trim() !== '' && name !== entry.name) {
      await this.shell.files.rename(entry, name.trim());
      await this.#chooseAnew([entry.id]);
    }
    await this.endRename();
  }

  async endRename(): Promise<void> {
    this.renaming = null;
    await this.focus();
  }

  cut(): void {
    if (!this.inTrash) this.shell.clipboard.put('cut', this.chosen);
  }

  copy(): void {
    if (!this.inTrash) this.shell.clipboard.put('copy', this.chosen);
  }

  async paste(): Promise<void> {
    const { folderId } = this.view;
    if (!folderId) return;
    const clip = this.shell.clipboard.take();
    if (clip) await this.bring(clip.entries, folderId, clip.mode === 'cut' ? 'move' : 'copy');
  }

  /** Moves or copies entries, and chooses them where they are now if this window shows it. */
  async bring(entries: readonly Entry[], folderId: string, how: 'move' | 'copy'): Promise<void> {
    const brought = await this.shell.files[how](entries, folderId);
    if (folderId === this.view.folderId) await this.#chooseAnew(brought.map((entry) => entry.id));
  }

  async trash(): Promise<void> {
    const entries = this.chosen;
    if (this.inTrash || entries.length === 0) return;
    this.selecting = false;
    await this.shell.files.trash(entries);
    await this.view.settled();
    await this.focus();
  }

  async restore(): Promise<void> {
    if (!this.inTrash) return;
    await this.shell.files.restore(this.chosen);
    await this.view.settled();
    await this.focus();
  }

  /** Moves what is chosen to the Trash, or asks whether it is to be deleted from there. */
  remove(): void {
    if (!this.inTrash) void this.trash();
    else if (this.chosen.length > 0) this.dialog = { kind: 'delete', what: this.chosen };
  }

  /** The answer of the person who was asked. */
  async deleteForGood(what: 'all' | readonly Entry[]): Promise<void> {
    this.dialog = null;
    this.selecting = false;
    try {
      if (what === 'all') await this.shell.files.emptyTrash();
      else await this.shell.files.deleteTrashed(what);
    } catch (cause) {
      this.shell.tellError(asHanabiError(cause), t('files.trash.empty'));
    }
    await this.view.settled();
    await this.focus();
  }

  async makeFolder(name: string): Promise<void> {
    const { folderId } = this.view;
    if (!folderId) return;
    const made = await this.shell.files.makeFolder(folderId, name);
    this.dialog = null;
    await this.#chooseAnew([made.id]);
  }

  async upload(folderId: string | null, tree: DroppedTree): Promise<void> {
    if (!folderId) return;
    try {
      await this.shell.uploads.addTree(folderId, tree);
    } catch (cause) {
      this.shell.tellError(asHanabiError(cause), t('uploads.failed'));
    }
  }

  download(): void {
    const { chosen, view } = this;
    // A folder of which everything is chosen has the shorter address.
    const whole = chosen.length > 1 && chosen.length === view.entries.length ? view.listing : null;
    download(this.shell, chosen, this.title, whole ? { folder_id: whole.folder.id } : null);
  }

  showProperties(entries: readonly Entry[] = this.chosen): void {
    const { listing } = this.view;
    if (entries.length > 0) {
      this.dialog = { kind: 'properties', items: entries.map((entry) => ({ ref: refOf(entry), name: entry.name })) };
    } else if (listing) {
      this.dialog = { kind: 'properties', items: [{ ref: { folder_id: listing.folder.id }, name: this.title }] };
    }
  }

  /** Lets go of what is chosen or cut; where nothing is, the way out of a search. */
  escape(): void {
    if (this.enlarged) return void this.closePreview();
    const cut = this.shell.clipboard.clip?.mode === 'cut';
    const idle = !cut && !this.selecting && this.selection.size === 0;
    this.selecting = false;
    this.selection.none();
    if (cut) this.shell.clipboard.clear();
    if (idle && this.view.place?.kind === 'search') this.back();
  }

  /** What a finger does that rests on an entry: from now on taps choose. */
  press(entry: Entry): void {
    if (!this.selecting) this.selection.none();
    this.selecting = true;
    this.selection.toggle(entry.id);
  }

  tap(entry: Entry): void {
    if (!this.selecting) return this.open(entry);
    this.selection.toggle(entry.id);
    if (this.selection.size === 0) this.selecting = false;
  }

  get previewed(): FileEntry | null {
    return this.previewing && this.only?.kind === 'file' ? this.only.file : null;
  }

  async #chooseAnew(ids: readonly string[]): Promise<void> {
    await this.view.settled();
    const there = ids.filter((id) => this.view.indexOf.has(id));
    if (there.length > 0) this.selection.replace(there);
    await tick();
    await this.stand(this.selection.cursorIndex);
  }
}

function isLook(value: unknown): value is Look {
  const { view: kind, sort, preview } = (value ?? {}) as Partial<Look>;
  const known = (kind === 'tiles' || kind === 'list') && SORT_KEYS.some((key) => key === sort?.key);
  return known && typeof sort?.ascending === 'boolean' && typeof preview === 'boolean';
}
