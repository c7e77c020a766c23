/**
 * A message as the debugger keeps it: plain JSON of bounded size, contents as sizes and hashes, secrets left out. Takes what
 * it needs of the message before it returns, for transferred bytes are gone afterwards.
 */
import { type BYTES_FORMS, KEPT_INSTEAD, type KeptBytes, LIMITS } from '@hanabi/protocol';
import { HIDDEN_TEXT, isSecretName, withoutSecrets } from './secrets.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Form = (typeof BYTES_FORMS)[number];

export interface Kept<Value extends Json = Json> {
  value: Value;
  /** About what it takes in memory. */
  size_bytes: number;
  /** Settles when all hashes are in `value`; null: they are, for there are none to wait for. */
  hashed: Promise<unknown> | null;
}

const DEPTH_MAX = 64;
/** What an entry of a list or an object takes beside its text. */
const ENTRY_BYTES = 16;
/** Fields that hold what another field of the same object names. */
const NAMED_FIELDS = new Set(['value', 'data']);

/** `secret`: the fields "value" and "data" are left out, for what was asked for is a secret by its name. */
export function keepFields(fields: Readonly<Record<string, unknown>>, secret = false): Kept<Record<string, Json>> {
  const keeper = new Keeper();
  return keeper.done(keeper.fields(fields, 0, secret));
}

export function keepValue(value: unknown, secret = false): Kept {
  const keeper = new Keeper();
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && bytesOf(value) === null;
  return keeper.done(isObject ? keeper.fields(value, 0, secret) : keeper.value(value, '', 0));
}

/** Whether a request names a secret, so that its answer holds one. */
export function namesSecret(fields: Readonly<Record<string, unknown>>): boolean {
  return [fields['key'], fields['name'], fields['id']].some((name) => typeof name === 'string' && isSecretName(name));
}

class Keeper {
  #left_bytes: number = LIMITS.debugger_message_bytes_max;
  readonly #hashes: Promise<void>[] = [];

  done<Value extends Json>(value: Value): Kept<Value> {
    const hashed = this.#hashes.length > 0 ? Promise.all(this.#hashes) : null;
    return { value, size_bytes: LIMITS.debugger_message_bytes_max - this.#left_bytes, hashed };
  }

  fields(fields: object, depth: number, secret = false): Record<string, Json> {
    const kept: Record<string, Json> = {};
    const all = fields as Record<string, unknown>;
    const named = secret || namesSecret(all);
    for (const name of Object.keys(all)) {
      if (all[name] === undefined) continue;
      if (this.#left_bytes <= 0) return { ...kept, ...cut('') };
      this.#left_bytes -= name.length + ENTRY_BYTES;
      const hidden = (isSecretName(name) || (named && NAMED_FIELDS.has(name))) && all[name] !== null;
      const base64 = name === 'bytesB64' || (name === 'chunk' && all['encoding'] === 'base64');
      // Defined, not assigned: a module may name a field "__proto__".
      const value = hidden ? { [KEPT_INSTEAD.hidden]: true } : this.value(all[name], base64 ? 'base64' : name, depth);
      Object.defineProperty(kept, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return kept;
  }

  value(value: unknown, name: string, depth: number): Json {
    if (typeof value === 'string') return this.#text(value, name);
    if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return value as Json;
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    if (typeof value !== 'object') return typeof value;
    const bytes = bytesOf(value);
    if (bytes) return this.#bytes(bytes.form, bytes.size_bytes, bytes.read);
    if (depth >= DEPTH_MAX || this.#left_bytes <= 0) return cut('');
    if (Array.isArray(value)) return this.#list(value, name, depth);
    const plain = Object.prototype.toString.call(value);
    return plain === '[object Object]' ? this.fields(value, depth + 1) : plain;
  }

  #list(list: readonly unknown[], name: string, depth: number): Json[] {
    const kept: Json[] = [];
    for (const item of list) {
      if (this.#left_bytes <= 0) return [...kept, cut('')];
      this.#left_bytes -= ENTRY_BYTES;
      kept.push(this.value(item, name, depth + 1));
    }
    return kept;
  }

  #text(text: string, name: string): Json {
    if (name === 'base64') return this.#base64('base64', text);
    const dataUrl = /^data:[^,]{0,200};base64,/.exec(text);
    if (dataUrl) return this.#base64('data-url', text.slice(dataUrl[0].length));
    const room = Math.max(0, Math.floor(this.#left_bytes / 2));
    this.#left_bytes -= Math.min(text.length, room) * 2;
    if (text.length > room) return cut(withoutSecrets(text.slice(0, room)));
    return withoutSecrets(/^\s*[{[]/.test(text) ? jsonWithoutSecrets(text) : text);
  }

  #base64(form: Form, text: string): Json {
    const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
    const size_bytes = Math.floor(((text.length - padding) * 3) / 4);
    return this.#bytes(form, size_bytes, () => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  }

  #bytes(form: Form, size_bytes: number, read: () => BufferSource | Promise<BufferSource>): Json {
    const kept: KeptBytes = { form, size_bytes, sha256: null };
    this.#left_bytes -= 6 * ENTRY_BYTES;
    // Without https a page has no `crypto.subtle`.
    if (size_bytes <= LIMITS.debugger_hashed_bytes_max && globalThis.crypto.subtle) {
      this.#hashes.push(hash(read, kept));
    }
    return { [KEPT_INSTEAD.bytes]: kept as unknown as Json };
  }
}

/** A buffer is read at once, while it is there; `digest` copies what it is given. */
async function hash(read: () => BufferSource | Promise<BufferSource>, kept: KeptBytes): Promise<void> {
  try {
    const bytes = read();
    const digest = await crypto.subtle.digest('SHA-256', bytes instanceof Promise ? await bytes : bytes);
    kept.sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  } catch {
    // No base64 after all, or a file that is gone: its size has to do.
  }
}

function bytesOf(
  value: object,
): { form: Form; size_bytes: number; read: () => BufferSource | Promise<BufferSource> } | null {
  if (value instanceof ArrayBuffer) return { form: 'buffer', size_bytes: value.byteLength, read: () => value };
  if (value instanceof Blob) return { form: 'blob', size_bytes: value.size, read: () => value.arrayBuffer() };
  if (!ArrayBuffer.isView(value)) return null;
  return { form: 'array', size_bytes: value.byteLength, read: () => value as ArrayBufferView<ArrayBuffer> };
}

/** A document comes as the text of its JSON. */
function jsonWithoutSecrets(text: string): string {
  try {
    let found = false;
    const kept = JSON.parse(text, (name, value: unknown) => {
      if (!isSecretName(name) || value === null) return value;
      found = true;
      return HIDDEN_TEXT;
    }) as unknown;
    return found ? JSON.stringify(kept) : text;
  } catch (cause) {
    // Nested beyond what the stack holds, it was not looked through.
    return cause instanceof SyntaxError ? text : HIDDEN_TEXT;
  }
}

function cut(beginning: string): { [key: string]: Json } {
  return { [KEPT_INSTEAD.cut]: beginning };
}
