/** How much a base64 text stands for, and whether it may travel inside a message at all. */
import { HanabiError } from './errors.ts';
import { LIMITS, MIB } from './limits.ts';

/**
 * Bytes that a base64 text decodes to, by its length. Ends with HANABI-F004 when they are more than a message may
 * carry; looks only at the length, so that a hostile text of any size costs nothing.
 */
export function base64BytesChecked(text: string): number {
  const bytes = Math.floor((text.length * 3) / 4);
  if (bytes > LIMITS.file_base64_bytes_max + 2) {
    const most = LIMITS.file_base64_bytes_max / MIB;
    throw new HanabiError(
      'HANABI-F004',
      `base64 carries at most ${most} MiB; send "bytes" instead, or ask for the encoding "buffer"`,
    );
  }
  return bytes;
}
