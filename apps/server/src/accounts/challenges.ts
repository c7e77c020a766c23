import { LIMITS } from '@hanabi/protocol';
import { newId } from '../ids.ts';
import type { AccountKeys } from './account-keys.ts';
import { sameToken } from './sessions.ts';

const REMEMBERED_MAX = 10_000;

/**
 * What authenticators sign: random, for one purpose, for a few minutes, once. It carries its own seal instead of being
 * stored, so that asking for many costs nothing, and every server of a database knows it.
 */
export class Challenges {
  private readonly keys: AccountKeys;
  private readonly used = new Set<string>();

  constructor(keys: AccountKeys) {
    this.keys = keys;
  }

  /** As bytes, because that is what is signed. */
  make(purpose: string): Uint8Array<ArrayBuffer> {
    const id = newId();
    const expires = (Date.now() + LIMITS.passkey_challenge_ms).toString(36);
    return new Uint8Array(Buffer.from([id, expires, this.keys.signature('challenge', purpose, id, expires)].join('.')));
  }

  /** Whether it was made for that purpose, is still good, and comes for the first time. `challenge` as base64url. */
  use(challenge: string, purpose: string): boolean {
    const [id = '', expires = '', seal = ''] = Buffer.from(challenge, 'base64url').toString().split('.');
    if (!sameToken(seal, this.keys.signature('challenge', purpose, id, expires))) return false;
    if (Date.now() >= Number.parseInt(expires, 36) || this.used.has(id)) return false;
    if (this.used.size >= REMEMBERED_MAX) this.used.delete(this.used.values().next().value!);
    this.used.add(id);
    return true;
  }
}
