/**
 * JSON as it must be where two programs read it: a name that stands twice, or that means something to JavaScript, would let
 * a reviewer and the server see different manifests.
 */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const DANGEROUS = new Set(['__proto__', 'constructor', 'prototype']);
const DEPTH_MAX = 64;

/** The value, or an Error whose message names what is wrong. */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw new Error('is not valid UTF-8');
  }
  if (text.startsWith('\ufeff')) throw new Error('begins with a byte order mark');
  // A nest of a million brackets would use up the stack before anything could be said about it.
  checkNames(text);
  return JSON.parse(text) as unknown;
}

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gs;

/** Goes through strings and brackets only; whether it is JSON at all is for JSON.parse to say. */
function checkNames(text: string): void {
  const open: Set<string>[] = [];
  for (const [token, colon] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      open.push(new Set());
      if (open.length > DEPTH_MAX) throw new Error(`is nested more than ${DEPTH_MAX} deep`);
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (colon !== undefined) {
      const name = JSON.parse(token.slice(0, -colon.length)) as string;
      if (DANGEROUS.has(name)) throw new Error(`has a field ${JSON.stringify(name)}`);
      if (open.at(-1)?.has(name)) throw new Error(`has the field ${JSON.stringify(name)} twice`);
      open.at(-1)?.add(name);
    }
  }
}
