/** What a worker may ask for, made into the method, headers and body that are sent. Ends with HANABI-N009 or N005. */
import { type FetchFrame, HanabiError } from '@hanabi/protocol';
import type { FetchLimits } from './fetch-limits.ts';

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** They belong to the connection, which is the host's, or say where the request goes, which its address does. */
const NOT_THE_WORKERS = new Set([
  'connection',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);
const NOT_THE_WORKERS_PREFIX = /^(proxy|x-forwarded|sec)-/;

/** Often copied from elsewhere and harmless: the host's own take their place. */
const REPLACED = new Set(['accept-encoding', 'content-length']);

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
// oxlint-disable-next-line no-control-regex
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export type RequestHeaders = Record<string, string | string[]>;

export function checkMethod(method: string): void {
  if (!METHODS.includes(method)) {
    throw new HanabiError('HANABI-N009', `the method is one of ${METHODS.join(', ')}`);
  }
}

/** Under lower-case names, those that the host sets included. */
export function requestHeaders(pairs: FetchFrame['headers'], limits: FetchLimits): RequestHeaders {
  if (pairs.length > limits.fetch_headers_max) {
    throw new HanabiError('HANABI-N005', `more than ${limits.fetch_headers_max} headers`);
  }
  const bytes = pairs.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  if (bytes > limits.fetch_header_bytes_max) {
    throw new HanabiError('HANABI-N005', `more than ${limits.fetch_header_bytes_max} bytes of headers`);
  }
  const headers = new Map<string, string[]>([
    ['user-agent', ['HanabiMatsuri']],
    ['accept', ['*/*']],
  ]);
  const own = new Set<string>();
  for (const [spelling, value] of pairs) {
    const name = spelling.toLowerCase();
    const shown = JSON.stringify(spelling.slice(0, 64));
    if (!NAME.test(name)) throw new HanabiError('HANABI-N009', `${shown} is not the name of a header`);
    if (!VALUE.test(value)) {
      throw new HanabiError('HANABI-N009', `the header ${shown} holds a character that headers cannot carry`);
    }
    if (NOT_THE_WORKERS.has(name) || NOT_THE_WORKERS_PREFIX.test(name)) {
      throw new HanabiError('HANABI-N009', `the header ${shown} is the host's to set`);
    }
    if (REPLACED.has(name)) continue;
    if (own.has(name)) headers.get(name)!.push(value);
    else headers.set(name, [value]);
    own.add(name);
  }
  headers.set('accept-encoding', ['gzip, br']);
  return Object.fromEntries([...headers].map(([name, values]) => [name, values.length === 1 ? values[0]! : values]));
}
