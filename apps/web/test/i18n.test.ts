import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, PERMISSION_NAMES } from '@hanabi/protocol';
import { afterEach, expect, it } from 'vitest';
import { errorText, formatBytes, t } from '../src/i18n/i18n.ts';
import { japanese } from '../src/i18n/japanese.ts';
import { type Message, preferred, speech } from '../src/i18n/language.svelte.ts';
import { en } from '../src/i18n/messages.en.ts';

/** The names that a message fills in; the count stands beside them and need not be said. */
function placeholders(message: Message): string {
  const names = [...JSON.stringify(message).matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return [...new Set(names)]
    .filter((name) => name !== 'count')
    .toSorted()
    .join(' ');
}

afterEach(() => speech.speak('en'));

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
    .filter((path) => /\.(ts|svelte)$/.test(path) && !/messages\.\w+\.ts$/.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
  // Some keys end in a name that is known only at run time, as in t(`files.sort.${key}`).
  const prefixes = [...sources.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1]!);
  const unused = Object.keys(en).filter(
    (key) => !sources.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});

it('speaks Japanese from one moment to the next, and English again', async () => {
  await speech.speak('ja');
  expect(document.documentElement.lang).toBe('ja');
  expect(t('files.count', { count: 1200 })).toBe('1,200 項目');
  expect(t('deeds.move.done', { count: 1, name: '花火.jpg' })).toBe('「花火.jpg」を移動しました');
  await speech.speak('en');
  expect(document.documentElement.lang).toBe('en');
  expect(t('files.count', { count: 1200 })).toBe('1,200 items');
});

it('translates what an error says and leaves the detail as it was', async () => {
  await speech.speak('ja');
  const { message } = ERRORS['HANABI-F001'];
  expect(errorText({ code: 'HANABI-F001', message: `${message}: f-1` })).toBe(
    'ファイルまたはフォルダーが見つかりません: f-1',
  );
  expect(errorText({ code: 'HANABI-F001', message: 'Something else' })).toBe('Something else');
  expect(errorText({ code: 'OTHER', message: 'Something else' })).toBe('Something else');
});

it('begins with the first language of the browser that there is', () => {
  expect(preferred(['fr-FR', 'ja-JP', 'en'])).toBe('ja');
  expect(preferred(['fr-FR'])).toBe('en');
  expect(preferred([])).toBe('en');
});

it('says everything in Japanese, with what English fills in', () => {
  const { messages, errors, permissions } = japanese;
  const entries = Object.entries(en) as [keyof typeof en, Message][];
  expect(entries.filter(([key]) => messages[key] === undefined).map(([key]) => key)).toEqual([]);
  expect(Object.keys(messages).filter((key) => !(key in en))).toEqual([]);
  const different = entries.filter(([key, text]) => placeholders(text) !== placeholders(messages[key]!));
  expect(different.map(([key]) => key)).toEqual([]);
  expect(Object.keys(ERRORS).filter((code) => !(code in errors))).toEqual([]);
  expect(PERMISSION_NAMES.filter((name) => !(name in permissions))).toEqual([]);
});
