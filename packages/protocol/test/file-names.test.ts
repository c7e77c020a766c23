import { array, assert, constantFrom, integer, oneof, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bareLeaf,
  extensionOf,
  HanabiError,
  LIMITS,
  numberedName,
  RunnerFrame,
  safeName,
  safeSubpath,
  utf8Bytes,
} from '../src/index.ts';

/** Names with more of what matters in them than chance would put there. */
const piece = constantFrom(
  'a',
  'Ω',
  'é',
  'e\u0301',
  '.',
  '..',
  '/',
  '\\',
  '\0',
  '\n',
  ' ',
  '\u202e',
  '\ufeff',
  '\ud800',
  '🎆',
  'x'.repeat(200),
);
const wildName = oneof(
  string({ unit: 'binary' }),
  array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
);

function isSafe(name: string): boolean {
  try {
    safeName(name);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(HanabiError);
    expect(error).toMatchObject({ code: 'HANABI-F005' });
    return false;
  }
}

function expectLeaf(name: string): void {
  expect(name).not.toMatch(/[/\\]|\p{Cc}/u);
  expect(['', '.', '..']).not.toContain(name);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(LIMITS.file_name_bytes_max);
  expect(name).toBe(name.normalize('NFC'));
  expect(name.isWellFormed()).toBe(true);
}

test('a name that passes is a bare leaf in NFC, and passes again unchanged', () => {
  assert(
    property(wildName, (name) => {
      if (!isSafe(name)) return;
      expectLeaf(safeName(name));
      expect(safeName(safeName(name))).toBe(safeName(name));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  'photo.jpg',
  '.profile',
  'a b',
  'Ünïcödé.txt',
  '花火.png',
  '...',
  'con',
  '~home',
  '-rf',
  '%2e%2e',
  'a'.repeat(255),
])('the name %j is kept', (name) => {
  expect(safeName(name)).toBe(name);
});

test.each([
  '',
  ' ',
  '.',
  '..',
  '/',
  'a/b',
  '../a',
  '/etc/passwd',
  'a\\b',
  'C:\\a',
  'a\0b',
  'a\nb',
  '\u007f',
  'a\ud800',
  'gpj.\u202eexe',
  'a\u009b31m',
  'a'.repeat(256),
  'é'.repeat(128),
  '\ufeffa',
])('the name %j is refused', (name) => {
  expect(isSafe(name)).toBe(false);
});

test('a sub-path that passes is made of safe names, and joined again it is the same path', () => {
  assert(
    property(array(wildName, { maxLength: 5 }), (names) => {
      const path = names.join('/');
      let parts: string[];
      try {
        parts = safeSubpath(path);
      } catch (error) {
        expect(error).toMatchObject({ code: 'HANABI-F005' });
        return;
      }
      for (const part of parts) expectLeaf(part);
      expect(parts.join('/')).toBe(path.normalize('NFC'));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  '/',
  'a//b',
  '/a',
  'a/',
  '..',
  'a/../b',
  'a/./b',
  'a\\..\\b',
  Array.from({ length: 33 }, () => 'a').join('/'),
])('the sub-path %j is refused', (path) => {
  expect(() => safeSubpath(path)).toThrow(HanabiError);
});

test('no sub-path at all is the folder itself', () => {
  expect(safeSubpath('')).toEqual([]);
});

test('whatever a worker calls its output, the leaf is a safe name', () => {
  assert(
    property(wildName, (name) => {
      const leaf = bareLeaf(name);
      expectLeaf(leaf);
      expect(safeName(leaf)).toBe(leaf);
      expect(bareLeaf(leaf)).toBe(leaf);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['a/b/c.txt', 'c.txt'],
  ['..\\..\\c.txt', 'c.txt'],
  ['/etc/passwd', 'passwd'],
  ['..', 'output'],
  ['a/', 'output'],
  ['', 'output'],
  ['a\0b\n.txt', 'ab.txt'],
  ['x'.repeat(300), 'x'.repeat(255)],
])('%j is reduced to %j', (name, leaf) => {
  expect(bareLeaf(name)).toBe(leaf);
});

test('a numbered name is safe, keeps a usual extension, and differs for every number', () => {
  assert(
    property(wildName.filter(isSafe).map(safeName), integer({ min: 2, max: 1_000_000 }), (name, number) => {
      const numbered = numberedName(name, number);
      expectLeaf(numbered);
      expect(safeName(numbered)).toBe(numbered);
      expect(numbered).toContain(` (${number})`);
      expect(numberedName(name, number + 1)).not.toBe(numbered);
      if (utf8Bytes(extensionOf(name)) <= 16) expect(extensionOf(numbered)).toBe(extensionOf(name));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['photo.jpg', 'photo (2).jpg'],
  ['archive.tar.gz', 'archive.tar (2).gz'],
  ['.profile', '.profile (2)'],
  ['noext', 'noext (2)'],
  [`a.${'x'.repeat(253)}`, `a.${'x'.repeat(249)} (2)`],
])('%j becomes %j', (name, numbered) => {
  expect(numberedName(name, 2)).toBe(numbered);
});

test('bytes of a text are counted as UTF-8 has them', () => {
  assert(
    property(string({ unit: 'binary' }), (text) => {
      expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
    }),
  );
});

describe('a name of a megabyte of combining characters', () => {
  const accents = 'a' + '\u0301\u0316'.repeat(256 * 1024);
  const plain = 'a'.repeat(accents.length);

  /** How much longer than an ordinary name of that length; the quickest of a few tries counts. */
  function costs(action: (name: string) => void): number {
    const quickest = (name: string) =>
      Math.min(
        ...[1, 2, 3].map(() => {
          const start = performance.now();
          action(name);
          return performance.now() - start;
        }),
      );
    return quickest(accents) / quickest(plain);
  }

  test('is refused, as cheaply as any other', () => {
    expect(isSafe(accents)).toBe(false);
    expect(costs((name) => void isSafe(name))).toBeLessThan(50);
  });

  test('is reduced to a leaf, as cheaply as any other', () => {
    expectLeaf(bareLeaf(accents));
    expect(costs((name) => void bareLeaf(name))).toBeLessThan(50);
  });

  test('is nothing that the frame of an output takes', () => {
    expect(RunnerFrame.safeParse({ kind: 'file', name: accents, size_bytes: 0 }).success).toBe(false);
    const longest = 'a'.repeat(LIMITS.output_name_chars_max);
    expect(RunnerFrame.safeParse({ kind: 'file', name: longest, size_bytes: 0 }).success).toBe(true);
  });
});

test('the longest name that shrinks to fit when it is normalised still passes', () => {
  // Four characters become one of three bytes.
  const name = '\u03b1\u0313\u0300\u0345'.repeat(85);
  expect(safeName(name)).toBe('\u1f82'.repeat(85));
  expect(bareLeaf(name)).toBe('\u1f82'.repeat(85));
});
