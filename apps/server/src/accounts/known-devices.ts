/**
 * Browsers that somebody has signed in with before. A stranger who guesses passwords fills the meter of a name; the one
 * whose name it is still gets in, because their browser brings a note that says so and is counted by itself.
 */
import { LIMITS } from '@hanabi/protocol';
import { newId } from '../ids.ts';
import type { AccountKeys } from './account-keys.ts';
import { sameToken } from './sessions.ts';

/** People who share a browser. */
const NOTES_MAX = 4;
const BETWEEN = '~';

export class KnownDevices {
  private readonly keys: AccountKeys;

  constructor(keys: AccountKeys) {
    this.keys = keys;
  }

  /** The id of the browser if its notes say that it belongs to the one of this name. */
  find(notes: string | undefined, nameKey: string): string | undefined {
    for (const note of split(notes)) {
      const [id = '', expires = '', signature = ''] = note.split('.');
      if (!sameToken(signature, this.sign(id, expires, nameKey))) continue;
      if (Date.now() < Number.parseInt(expires, 36)) return id;
    }
    return undefined;
  }

  /** The notes with a new one, after this name has signed in. */
  remember(notes: string | undefined, nameKey: string): string {
    const id = newId();
    const expires = (Date.now() + LIMITS.known_device_ms).toString(36);
    const others = split(notes).filter((note) => this.find(note, nameKey) === undefined);
    return [[id, expires, this.sign(id, expires, nameKey)].join('.'), ...others].slice(0, NOTES_MAX).join(BETWEEN);
  }

  private sign(id: string, expires: string, nameKey: string): string {
    return this.keys.signature('known device', id, expires, nameKey);
  }
}

function split(notes: string | undefined): string[] {
  return notes ? notes.split(BETWEEN).slice(0, NOTES_MAX) : [];
}
