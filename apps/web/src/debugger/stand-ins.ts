/** Turns a recorded answer back into one that a page can take: zeros for contents, a word for what was hidden. */
import { KEPT_INSTEAD, KeptBytes, LIMITS } from '@hanabi/protocol';
import type { Json } from './kept-value.ts';
import { HIDDEN_TEXT } from './secrets.ts';

export interface StoodIn {
  value: unknown;
  /** Whether the page is handed something that it was not handed then. */
  stands: boolean;
}

export function standIn(kept: Json): StoodIn {
  let stands = false;
  const value = made(kept, () => (stands = true));
  return { value, stands };
}

function made(kept: Json, note: () => void): unknown {
  if (typeof kept !== 'object' || kept === null) {
    if (typeof kept === 'string' && kept.includes(HIDDEN_TEXT)) note();
    return kept;
  }
  if (Array.isArray(kept)) return kept.map((item) => made(item, note));
  const instead = Object.values(KEPT_INSTEAD).find((key) => Object.hasOwn(kept, key));
  if (instead === undefined)
    return Object.fromEntries(Object.entries(kept).map(([name, item]) => [name, made(item, note)]));
  note();
  const bytes = KeptBytes.safeParse(kept[KEPT_INSTEAD.bytes]);
  if (bytes.success) return zeros(bytes.data);
  return kept[KEPT_INSTEAD.cut] ?? HIDDEN_TEXT;
}

function zeros({ form, size_bytes }: KeptBytes): unknown {
  // A recording is a file that anybody may have written.
  const bytes = new Uint8Array(Math.min(size_bytes, LIMITS.file_base64_bytes_max));
  if (form === 'buffer') return bytes.buffer;
  if (form === 'array') return bytes;
  if (form === 'blob') return new Blob([bytes]);
  const text = btoa('\0'.repeat(bytes.length));
  return form === 'base64' ? text : `data:application/octet-stream;base64,${text}`;
}

/** What two requests are compared by. `contents`: whether what they carry counts, which it does not once zeros were handed out. */
export function comparable(kept: Json, contents: boolean): Json {
  if (typeof kept !== 'object' || kept === null) return kept;
  if (Array.isArray(kept)) return kept.map((item) => comparable(item, contents));
  if (Object.hasOwn(kept, KEPT_INSTEAD.bytes) && !contents) return { [KEPT_INSTEAD.bytes]: null };
  // The order in which fields are written says nothing.
  const names = Object.keys(kept).toSorted();
  return Object.fromEntries(names.map((name) => [name, comparable(kept[name]!, contents)]));
}
