import { HanabiError } from '@hanabi/protocol';
import { accountApi } from '../api/account.ts';
import { Attempts } from '../ui/attempts.svelte.ts';
import { Confirmation } from './confirmation.svelte.ts';

/** What a page does where the server may ask once more who the person is. */
export abstract class ConfirmedAttempts extends Attempts {
  readonly confirmation = new Confirmation(accountApi);

  protected confirmed(act: () => Promise<unknown>): Promise<void> {
    return this.attempt(async () => {
      try {
        await this.confirmation.around(act);
      } catch (cause) {
        // Who did not want to prove it knows why nothing happened.
        if (!(cause instanceof HanabiError) || cause.code !== 'HANABI-A010') throw cause;
      }
    });
  }
}
