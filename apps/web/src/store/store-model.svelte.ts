/** What the Module Store shows, and what a person does in it. */
import type { StoreModule } from '@hanabi/protocol';
import { publishingApi, type PublishingApi } from '../api/publishing.ts';
import { Attempts } from '../ui/attempts.svelte.ts';

type Question = { kind: 'install' | 'update' | 'remove'; module: StoreModule };

export interface StoreDesktop {
  /** What the person can open is no longer what it was. */
  changed(): Promise<void>;
  /** Asks for what a module that has just come needs the person’s consent for. */
  askConsent(moduleId: string): void;
}

export class StoreModel extends Attempts {
  readonly #api: Pick<PublishingApi, 'store' | 'install' | 'uninstall'>;
  readonly #desktop: StoreDesktop;
  #asked = 0;
  modules = $state.raw<readonly StoreModule[] | null>(null);
  query = $state('');
  tag = $state<string | null>(null);
  chosenId = $state<string | null>(null);
  asking = $state.raw<Question | null>(null);
  /** What was just done, for a screen reader. */
  done = $state.raw<Question | null>(null);

  readonly tags = $derived(
    [...new Set((this.modules ?? []).flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b)),
  );
  readonly chosen = $derived((this.modules ?? []).find(({ module_id }) => module_id === this.chosenId) ?? null);
  readonly found = $derived.by(() => {
    const wanted = this.query.trim().toLocaleLowerCase();
    return (this.modules ?? []).filter(
      ({ name, summary, developer, tags }) =>
        (this.tag === null || tags.includes(this.tag)) &&
        [name, summary, developer, ...tags].some((text) => text.toLocaleLowerCase().includes(wanted)),
    );
  });

  constructor(desktop: StoreDesktop, api: Pick<PublishingApi, 'store' | 'install' | 'uninstall'> = publishingApi) {
    super();
    this.#api = api;
    this.#desktop = desktop;
  }

  load(): Promise<void> {
    return this.attempt(() => this.#read());
  }

  /** The same, while the person goes on: something was published, suspended, updated or granted. */
  lookAgain(): Promise<void> {
    return this.quietly(() => this.#read());
  }

  ask(kind: Question['kind'], module: StoreModule): void {
    this.done = null;
    this.error = null;
    this.asking = { kind, module };
  }

  /** Does what was asked about. */
  async confirm(data: 'keep' | 'delete' = 'keep'): Promise<void> {
    const question = this.asking;
    this.asking = null;
    if (!question) return;
    const { kind, module } = question;
    await this.attempt(async () => {
      if (kind === 'remove') await this.#api.uninstall(module.module_id, data);
      else await this.#api.install(module.module_id);
      await Promise.all([this.#read(), this.#desktop.changed()]);
      this.done = question;
      // An update that asks for nothing new has been answered before.
      if (kind === 'install' || (kind === 'update' && module.added_permissions.length > 0)) {
        this.#desktop.askConsent(module.module_id);
      }
    });
  }

  async #read(): Promise<void> {
    const turn = (this.#asked += 1);
    const modules = await this.#api.store();
    // An older answer must not undo a newer one.
    if (turn !== this.#asked) return;
    this.modules = modules;
    this.#askAnew();
  }

  /** What is agreed to is what is there now: a question about a module that has gone goes, too. */
  #askAnew(): void {
    if (!this.asking) return;
    const { kind, module: asked } = this.asking;
    const module = this.modules?.find(({ module_id }) => module_id === asked.module_id);
    this.asking = module ? { kind, module } : null;
  }
}
