import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatBytes, t } from '../src/i18n/i18n.ts';
import { en } from '../src/i18n/messages.en.ts';

it('fills in parameters and chooses the plural', () => {
  expect(t('picker.title', { module: 'Thumbnails' })).toBe('Thumbnails asks for a file');
  expect(t('files.count', { count: 1 })).toBe('1 item');
  expect(t('files.count', { count: 1200 })).toBe('1,200 items');
});

it('leaves braces inside a value alone', () => {
  expect(t('start.none', { query: '{query} $&' })).toContain('“{query} $&”');
});

it('writes sizes in the unit that fits', () => {
  const sizes = [0, 1, 1023, 1024, 1_048_000, 1_048_576, 26_400_000, 40 * 1024 ** 2, 3000 * 1024 ** 4];
  expect(sizes.map(formatBytes)).toEqual([
    '0 bytes',
    '1 byte',
    '1,023 bytes',
    '1 KiB',
    '1,023 KiB',
    '1 MiB',
    '25.2 MiB',
    '40 MiB',
    '3,000 TiB',
  ]);
});

it('holds no message that nobody uses', () => {
  const folder = join(import.meta.dirname, '../src');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|svelte)$/.test(path) && !path.endsWith('messages.en.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
  // Some keys end in a name that is known only at run time, as in t(`files.sort.${key}`).
  const prefixes = [...sources.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1]!);
  const unused = Object.keys(en).filter(
    (key) => !sources.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});
