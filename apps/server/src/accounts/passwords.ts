/** Passwords: which may be chosen, and how they are kept. argon2id, with the parameters that its library recommends. */
import { hash, verify } from '@node-rs/argon2';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { newSecret } from '../ids.ts';
import { nameKey } from './names.ts';

/** HANABI-A013 for one that would be guessed first. */
export function checkPassword(password: string, name: string): void {
  const chars = Array.from(password);
  if (chars.length < LIMITS.password_chars_min) {
    throw new HanabiError('HANABI-A013', `it has fewer than ${LIMITS.password_chars_min} characters`);
  }
  if (new Set(chars).size < 4) throw new HanabiError('HANABI-A013', 'it has hardly two different characters');
  const key = nameKey(password);
  if (key.replaceAll(nameKey(name), '').length < 4)
    throw new HanabiError('HANABI-A013', 'it is hardly more than the name');
}

/** In place of the hash of an account that has no password; no password belongs to it. */
export const NO_PASSWORD = '';

export class Passwords {
  /** How often a password was compared; what an answer gives away by its time is measured by this. */
  compared = 0;
  /** Compared with where there is nothing to compare with, so that every answer takes the same time. */
  private readonly nobodyHash = hash(newSecret());

  hash(password: string): Promise<string> {
    return hash(password);
  }

  /** Compares exactly once, whatever there is. */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    this.compared += 1;
    const fits = await verify(stored || (await this.nobodyHash), password);
    return fits && Boolean(stored);
  }
}
