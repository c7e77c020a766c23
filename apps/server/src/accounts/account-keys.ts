import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { readOrMakeKey } from '../key-file.ts';

const KEY_FILE = 'accounts.key';
const IV_BYTES = 12;
const TAG_BYTES = 16;

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
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.sealing, iv).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** Throws when it was sealed for somebody else, with another key, or was changed. */
  unseal(sealed: string, owner: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const iv = bytes.subarray(0, IV_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.sealing, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return text.toString('utf8');
  }

  signature(...fields: readonly string[]): string {
    return createHmac('sha256', this.signing).update(JSON.stringify(fields)).digest('base64url');
  }
}

function derived(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', `hanabi accounts: ${purpose}`, 32));
}
