/**
 * Which part of a content a request asks for (RFC 9110, 13 and 14), and whether it has it already. The tag is the
 * SHA-256 of the content and therefore strong: equal tags are equal bytes.
 *
 * Several ranges in one request are answered with the whole content, which the RFC allows. No browser's media player
 * and no download manager of note sends them, and multipart answers are known for making much out of little.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Both ends are included, as in the header. */
export interface ByteRange {
  start: number;
  end: number;
}

export type Part = 'whole' | 'not-modified' | 'unsatisfiable' | ByteRange;

export function entityTag(sha256: string): string {
  return `"${sha256}"`;
}

export function requestedPart(headers: IncomingHttpHeaders, tag: string, sizeBytes: number): Part {
  const known = headers['if-none-match'];
  if (known !== undefined && matchesAny(known, tag)) return 'not-modified';
  const condition = headers['if-range'];
  // A date never matches: there are tags on every answer and no dates.
  if (condition !== undefined && String(condition).trim() !== tag) return 'whole';
  return parseRange(headers.range, sizeBytes);
}

/** Compared weakly, as the RFC asks for here: a proxy that compresses may have weakened ours. */
function matchesAny(list: string, tag: string): boolean {
  return list.split(',').some((entry) => {
    const candidate = entry.trim();
    return candidate === '*' || candidate === tag || candidate === `W/${tag}`;
  });
}

const SINGLE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i;

/** What is malformed, of another unit or of several parts counts as not sent. */
export function parseRange(header: string | undefined, sizeBytes: number): 'whole' | 'unsatisfiable' | ByteRange {
  const match = header === undefined ? null : SINGLE_RANGE.exec(header);
  if (!match) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return 'whole';
    return suffix(Number(last), sizeBytes);
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  if (start >= sizeBytes) return 'unsatisfiable';
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  return { start, end };
}

function suffix(length: number, sizeBytes: number): 'whole' | 'unsatisfiable' | ByteRange {
  if (length === 0) return 'unsatisfiable';
  // The last bytes of nothing are nothing, and a range cannot say that.
  if (sizeBytes === 0) return 'whole';
  return { start: Math.max(0, sizeBytes - length), end: sizeBytes - 1 };
}
