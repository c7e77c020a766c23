/** Which file names are safe, and how a hostile one is reduced. Names keep their case and are normalised to NFC. */
import { HanabiError } from './errors.ts';
import { LIMITS } from './limits.ts';

// Control characters, path separators, and the characters that make a name look like another one.
const UNSAFE_CHARACTERS = /[\p{Cc}/\\\u202a-\u202e\u2066-\u2069\ufeff]/u;
const UNSAFE_CHARACTERS_ALL = new RegExp(UNSAFE_CHARACTERS, 'gu');

/**
 * Normalising takes time in the square of a run of combining characters, so that a name is bounded before. NFC makes
 * one character out of at most four, hence nothing is lost that could have fitted.
 */
const UNNORMALISED_CHARS_MAX = 4 * LIMITS.file_name_bytes_max;

/** The name in NFC, or HANABI-F005 with the reason. */
export function safeName(name: string): string {
  const reason = unsafeReason(name);
  if (reason) throw new HanabiError('HANABI-F005', reason);
  return name.normalize('NFC');
}

function unsafeReason(name: string): string | undefined {
  if (name.trim().length === 0) return 'the name is empty';
  if (name === '.' || name === '..') return `"${name}" is not a name`;
  if (!name.isWellFormed()) return 'the name is not valid Unicode';
  if (UNSAFE_CHARACTERS.test(name)) return 'the name holds a slash, a backslash or a control character';
  if (name.length > UNNORMALISED_CHARS_MAX || utf8Bytes(name.normalize('NFC')) > LIMITS.file_name_bytes_max) {
    return `the name is longer than ${LIMITS.file_name_bytes_max} bytes`;
  }
  return undefined;
}

/** The parts of a sub-path, each of them a safe name; "a/b" → ["a", "b"], "" → []. */
export function safeSubpath(subpath: string): string[] {
  if (subpath === '') return [];
  const parts = subpath.split('/').map(safeName);
  if (parts.length > LIMITS.folder_depth_max) {
    throw new HanabiError('HANABI-F005', `more than ${LIMITS.folder_depth_max} folders deep`);
  }
  return parts;
}

/** A name that a worker gave to an output, reduced to a bare and safe leaf; never fails. */
export function bareLeaf(name: string): string {
  const start = Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1;
  const leaf = name.slice(start).toWellFormed().replaceAll(UNSAFE_CHARACTERS_ALL, '');
  const bounded = leaf.slice(0, UNNORMALISED_CHARS_MAX).toWellFormed().normalize('NFC');
  const cut = cutToBytes(bounded, LIMITS.file_name_bytes_max);
  return unsafeReason(cut) ? 'output' : cut;
}

/** What comes after the last dot counts as an extension up to this length, beyond it as a part of the name. */
const EXTENSION_BYTES_MAX = 64;

/** `photo.jpg` → `photo (2).jpg`, for a name that must not clash. */
export function numberedName(name: string, number: number): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && utf8Bytes(name.slice(dot)) <= EXTENSION_BYTES_MAX ? name.slice(dot) : '';
  const stem = name.slice(0, name.length - extension.length);
  const suffix = ` (${number})${extension}`;
  return cutToBytes(stem, LIMITS.file_name_bytes_max - utf8Bytes(suffix)) + suffix;
}

/** An extension as it is compared: lower-case, without its dot. */
export const EXTENSION_PATTERN = /^[a-z0-9][a-z0-9.+-]*$/;

/** Lower-case extension without its dot, or '' when there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
}

export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function cutToBytes(text: string, bytesMax: number): string {
  let bytes = 0;
  let cut = '';
  for (const character of text) {
    bytes += utf8Bytes(character);
    if (bytes > bytesMax) break;
    cut += character;
  }
  return cut;
}
