import { describe, expect, it } from 'vitest';
import { entityTag, parseRange, requestedPart } from '../src/http/range.ts';

describe('a Range header', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=0-', { start: 0, end: 99 }],
    ['bytes=10-19', { start: 10, end: 19 }],
    ['bytes=90-1000', { start: 90, end: 99 }],
    ['bytes=99-', { start: 99, end: 99 }],
    ['bytes=-1', { start: 99, end: 99 }],
    ['bytes=-100', { start: 0, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['BYTES= 1-2 ', { start: 1, end: 2 }],
    [`bytes=0-${'9'.repeat(400)}`, { start: 0, end: 99 }],
  ])('%s is that part of 100 bytes', (header, part) => {
    expect(parseRange(header, 100)).toEqual(part);
  });

  it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0', `bytes=${'9'.repeat(400)}-`])('%s cannot be had', (header) => {
    expect(parseRange(header, 100)).toBe('unsatisfiable');
  });

  it.each([
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=5-2',
    'bytes=a-b',
    'bytes=1-2,4-5',
    'bytes=0-0,-1',
    'bytes=1.5-2',
    'bytes=+1-2',
    'bytes=0x1-2',
    'lines=1-2',
    '1-2',
  ])('%s counts as not sent', (header) => {
    expect(parseRange(header, 100)).toBe('whole');
  });

  it('finds nothing to cut in an empty content', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-5', 0)).toBe('whole');
  });
});

describe('conditions', () => {
  const tag = entityTag('abc');
  const part = { start: 1, end: 2 };
  it.each([
    [{ range: 'bytes=1-2', 'if-range': tag }, part],
    [{ range: 'bytes=1-2', 'if-range': '"other"' }, 'whole'],
    [{ range: 'bytes=1-2', 'if-range': `W/${tag}` }, 'whole'],
    [{ range: 'bytes=1-2', 'if-range': 'Sat, 21 Nov 2026 04:00:00 GMT' }, 'whole'],
    [{ 'if-none-match': tag }, 'not-modified'],
    [{ 'if-none-match': `"x", W/${tag}` }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': tag, range: 'bytes=1-2' }, 'not-modified'],
    [{ 'if-none-match': '"x"', range: 'bytes=1-2' }, part],
    [{ 'if-none-match': 'abc' }, 'whole'],
  ])('%j', (headers, expected) => {
    expect(requestedPart(headers, tag, 100)).toEqual(expected);
  });
});
