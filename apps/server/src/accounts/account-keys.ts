import { createHmac, hkdfSync } from 'node:crypto';
import { readOrMakeKey } from '../key-file.ts';
import { seal, unseal } from '../sealing.ts';

const KEY_FILE = 'accounts.key';

/** Keeps secrets of accounts unreadable for who has only the database, and signs what browsers bring back. */
export class AccountKeys {
  private readonly sealing: Buffer;
  private readonly signing: Buffer;

  constructor(master: Buffer) {
    this.sealing = derived(master, 'seal');
    this.signing = derived(master, 'sign');
  }

  static async open(dataDir: string): Promise<AccountKeys> {
    return new AccountKeys(await readOrMakeKey(dataDir, KEY_FILE));
  }

  /** `owner` is bound to it: moved to another row, it does not open. */
  seal(text: string, owner: string): string {
    return seal(this.sealing, text, owner);
  }

  /** Throws when it was sealed for somebody else, with another key, or was changed. */
  unseal(sealed: string, owner: string): string {
    return unseal(this.sealing, sealed, owner);
  }

  signature(...fields: readonly string[]): string {
    return createHmac('sha256', this.signing).update(JSON.stringify(fields)).digest('base64url');
  }
}

function derived(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', `hanabi accounts: ${purpose}`, 32));
}
