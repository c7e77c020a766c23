/** What the page of the own account shows, and what it is asked to do. */
import type { Account, HanabiError, TotpSetup } from '@hanabi/protocol';
import { type AccountApi, accountApi } from '../api/account.ts';
import { addPasskey } from '../api/passkeys.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import { Confirmation } from './confirmation.svelte.ts';

export class AccountModel {
  readonly #api: AccountApi;
  readonly confirmation: Confirmation;
  account = $state.raw<Account | null>(null);
  /** Why the account cannot be shown. */
  failure = $state.raw<HanabiError | null>(null);
  /** Why the last wish was not fulfilled. */
  error = $state.raw<HanabiError | null>(null);
  busy = $state(false);
  setup = $state.raw<TotpSetup | null>(null);
  /** Recovery codes that have just been made; the only time that anybody sees them. */
  codes = $state.raw<readonly string[] | null>(null);
  passwordChanged = $state(false);

  constructor(api: AccountApi = accountApi) {
    this.#api = api;
    this.confirmation = new Confirmation(api);
  }

  async load(): Promise<void> {
    this.failure = null;
    try {
      this.account = await this.#api.account();
    } catch (cause) {
      this.failure = asHanabiError(cause);
    }
  }

  /** Throws what is wrong with the password, for the form to show. */
  async changePassword(password: string): Promise<void> {
    this.passwordChanged = false;
    await this.confirmation.around(() => this.#api.changePassword(password));
    this.passwordChanged = true;
    await this.load();
  }

  beginTotp(): Promise<void> {
    return this.#try(async () => (this.setup = await this.#api.prepareTotp()));
  }

  /** Throws when the code is wrong, for the form to show. */
  async finishTotp(code: string): Promise<void> {
    const { codes } = await this.confirmation.around(() => this.#api.activateTotp(code));
    this.setup = null;
    this.codes = codes;
    await this.load();
  }

  turnOffTotp(): Promise<void> {
    return this.#try(() => this.#api.turnOffTotp());
  }

  newCodes(): Promise<void> {
    return this.#try(async () => (this.codes = (await this.#api.newRecoveryCodes()).codes));
  }

  addPasskey(name: string): Promise<void> {
    return this.#try(() => addPasskey(name));
  }

  connect(): Promise<void> {
    return this.#try(() => this.#api.goToOidc('link'));
  }

  disconnect(id: string): Promise<void> {
    return this.#try(() => this.#api.removeIdentity(id));
  }

  removePasskey(id: string): Promise<void> {
    return this.#try(() => this.#api.removePasskey(id));
  }

  endSession(id: string): Promise<void> {
    return this.#try(() => this.#api.endSession(id));
  }

  endOthers(): Promise<void> {
    return this.#try(() => this.#api.endOtherSessions());
  }

  async #try(act: () => Promise<unknown>): Promise<void> {
    this.error = null;
    this.busy = true;
    try {
      await this.confirmation.around(act);
      await this.load();
    } catch (cause) {
      const error = asHanabiError(cause);
      // Who did not want to prove it knows why nothing happened.
      if (error.code !== 'HANABI-A010') this.error = error;
    } finally {
      this.busy = false;
    }
  }
}
