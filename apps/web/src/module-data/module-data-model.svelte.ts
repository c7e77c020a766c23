/** What the page of module data shows: the modules, one of them, one of its collections, and the question it asks. */
import type { DataCollections, DataDocument, KeptData } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import { Attempts } from '../ui/attempts.svelte.ts';

export type KeptModule = KeptData['modules'][number];

/** What is to be deleted for good, once the person has said so. */
export type Deletion =
  | { kind: 'all'; module: KeptModule }
  | { kind: 'collection'; collection: string; count: number }
  | { kind: 'record'; collection: string; id: string };

export class ModuleDataModel extends Attempts {
  readonly #api: DesktopApi;
  modules = $state.raw<readonly KeptModule[] | null>(null);
  module = $state.raw<KeptModule | null>(null);
  collections = $state.raw<DataCollections['collections'] | null>(null);
  collection = $state<string | null>(null);
  documents = $state.raw<readonly DataDocument[]>([]);
  /** Where the next page begins; null after the last. */
  next = $state<string | null>(null);
  asking = $state.raw<Deletion | null>(null);
  /** Whether something has just been deleted, for a screen reader. */
  deleted = $state(false);

  constructor(api: DesktopApi) {
    super();
    this.#api = api;
  }

  async load(): Promise<void> {
    await this.attempt(async () => {
      this.modules = (await this.#api.keptData()).modules;
    });
  }

  async open(module: KeptModule): Promise<void> {
    this.module = module;
    this.collections = null;
    this.#show(null);
    await this.#loadCollections();
  }

  async back(): Promise<void> {
    this.module = null;
    await this.load();
  }

  async choose(collection: string): Promise<void> {
    this.#show(collection);
    await this.more();
  }

  /** The next page of the collection. */
  async more(): Promise<void> {
    const { module, collection } = this;
    if (!module || collection === null) return;
    await this.attempt(async () => {
      const page = await this.#api.keptDocuments(module.module_id, collection, this.next);
      // In the meantime another one may have been chosen.
      if (this.collection !== collection || this.module !== module) return;
      const known = new Set(this.documents.map(({ id }) => id));
      this.documents = [...this.documents, ...page.docs.filter(({ id }) => !known.has(id))];
      this.next = page.next;
    });
  }

  exportUrl({ module_id }: KeptModule): string {
    return this.#api.keptExportUrl(module_id);
  }

  ask(deletion: Deletion): void {
    this.deleted = false;
    this.asking = deletion;
  }

  async confirm(): Promise<void> {
    const wanted = this.asking;
    this.asking = null;
    if (!wanted) return;
    await this.attempt(async () => {
      if (wanted.kind === 'all') {
        await this.#api.deleteKept(wanted.module.module_id);
        this.modules = (await this.#api.keptData()).modules;
      } else {
        const { kind, ...what } = wanted;
        await this.#api.deleteKept(this.module!.module_id, {
          collection: what.collection,
          ...('id' in what && { id: what.id }),
        });
        if (kind === 'collection') this.#show(null);
        else this.documents = this.documents.filter((document) => !('id' in what) || document.id !== what.id);
        await this.#loadCollections();
      }
      this.deleted = true;
    });
  }

  async #loadCollections(): Promise<void> {
    const { module } = this;
    if (!module) return;
    await this.attempt(async () => {
      const { collections } = await this.#api.keptCollections(module.module_id);
      if (this.module !== module) return;
      this.collections = collections;
      if (!collections.some(({ name }) => name === this.collection)) this.#show(null);
    });
  }

  #show(collection: string | null): void {
    this.collection = collection;
    this.documents = [];
    this.next = null;
  }
}
