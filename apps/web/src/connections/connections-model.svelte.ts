/** The connections of the person, and what is done with them. */
import type {
  AddConnection,
  ChangeConnection,
  Connections,
  ConnectionTested,
  HanabiError,
  SetTrading,
} from '@hanabi/protocol';
import type { Confirmation } from '../account/confirmation.svelte.ts';
import { connectionsApi as api } from '../api/connections.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';

export class ConnectionsModel {
  readonly #confirmation: Confirmation;
  all = $state.raw<Connections | null>(null);
  /** Why they cannot be shown, or the last wish was not fulfilled. */
  error = $state.raw<HanabiError | null>(null);
  busy = $state(false);
  /** What came of trying them, by id. */
  tested = $state.raw<Readonly<Record<string, ConnectionTested>>>({});

  constructor(confirmation: Confirmation) {
    this.#confirmation = confirmation;
  }

  load(): Promise<void> {
    return this.#try(async () => {});
  }

  /** Throws what is wrong with the fields, for the form to show. */
  async add(wish: AddConnection): Promise<void> {
    await this.#confirmation.around(() => api.add(wish));
    await this.load();
  }

  /** Throws what is wrong with the fields, for the form to show. */
  async change(id: string, wish: ChangeConnection): Promise<void> {
    await this.#confirmation.around(() => api.change(id, wish));
    const { [id]: _, ...others } = this.tested;
    this.tested = others;
    await this.load();
  }

  /** Throws what is wrong with the limits, for the form to show. */
  async setTrading(id: string, wish: SetTrading): Promise<void> {
    await this.#confirmation.around(() => api.setTrading(id, wish));
    await this.load();
  }

  stopTrading(id: string): Promise<void> {
    return this.#try(() => api.setTrading(id, { trading: null }));
  }

  remove(id: string): Promise<void> {
    return this.#try(() => api.remove(id));
  }

  lend(id: string, moduleId: string, isLent: boolean): Promise<void> {
    return this.#try(() => this.#confirmation.around(() => api.lend(id, moduleId, isLent)));
  }

  test(id: string): Promise<void> {
    return this.#try(async () => {
      this.tested = { ...this.tested, [id]: await api.test(id) };
    });
  }

  async #try(act: () => Promise<void>): Promise<void> {
    this.error = null;
    this.busy = true;
    try {
      await act();
      this.all = await api.all();
    } catch (cause) {
      const error = asHanabiError(cause);
      // Who did not want to prove who they are knows why nothing happened.
      if (error.code !== 'HANABI-A010') this.error = error;
    } finally {
      this.busy = false;
    }
  }
}
