/** Some requests are refused until the person has proved once more who they are: asks for it, and sends them again. */
import { HanabiError } from '@hanabi/protocol';
import type { AccountApi } from '../api/account.ts';

export class Confirmation {
  readonly #api: Pick<AccountApi, 'confirm' | 'confirmWithPasskey'>;
  /** Set while the question stands; called with the answer. */
  answer = $state.raw<((confirmed: boolean) => void) | null>(null);

  constructor(api: Pick<AccountApi, 'confirm' | 'confirmWithPasskey'>) {
    this.#api = api;
  }

  /** What `act` gives, at the second try if need be. Whoever does not want to prove it gets the refusal. */
  async around<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (cause) {
      if (!(cause instanceof HanabiError) || cause.code !== 'HANABI-A010' || this.answer) throw cause;
      const confirmed = await new Promise<boolean>((resolve) => (this.answer = resolve));
      this.answer = null;
      if (!confirmed) throw cause;
      return act();
    }
  }

  async proveWithPasskey(proof: { answer: unknown }): Promise<void> {
    await this.#api.confirmWithPasskey(proof);
    this.answer?.(true);
  }

  async prove(password: string, code?: string): Promise<void> {
    await this.#api.confirm(password, code);
    this.answer?.(true);
  }
}
