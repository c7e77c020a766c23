/** What an account may be called, and which names are the same. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { folded } from '../storage/folded.ts';

const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._@-]*$/u;

/** The name as it is kept, or HANABI-A012. */
export function checkName(text: string): string {
  const name = text.normalize('NFKC').trim().replaceAll(/ +/g, ' ');
  if (!NAME.test(name) || name.length > LIMITS.user_name_chars_max) throw new HanabiError('HANABI-A012');
  return name;
}

/** Equal for names that a person would take for the same: case, accents and width do not count. */
export function nameKey(name: string): string {
  return folded(name.trim().replaceAll(/ +/g, ' '));
}
