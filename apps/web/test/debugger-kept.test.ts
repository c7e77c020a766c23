import { createHash } from 'node:crypto';
import { LIMITS } from '@hanabi/protocol';
import { expect, test } from 'vitest';
import { keepFields, keepValue, namesSecret } from '../src/debugger/kept-value.ts';

const text = (value: unknown) => JSON.stringify(value);

test('contents are kept as size and hash, however they are carried', async () => {
  const content = Buffer.from('paper and wax, and a wick');
  const sha256 = createHash('sha256').update(content).digest('hex');
  const buffer = new Uint8Array(content).buffer;
  const { value, hashed } = keepFields({
    bytes: buffer,
    bytesB64: content.toString('base64'),
    view: new Uint8Array(content),
    blob: new Blob([new Uint8Array(content)]),
    picture: `data:image/png;base64,${content.toString('base64')}`,
  });
  // As it is with a buffer that goes over to the page.
  structuredClone(null, { transfer: [buffer] });
  await hashed;
  const kept = (form: string) => ({ $bytes: { form, size_bytes: content.length, sha256 } });
  expect(value).toEqual({
    bytes: kept('buffer'),
    bytesB64: kept('base64'),
    view: kept('array'),
    blob: kept('blob'),
    picture: kept('data-url'),
  });
  const output = keepFields({ chunk: content.toString('base64'), encoding: 'base64' });
  expect(text(output.value)).not.toContain(content.toString('base64'));
});

test.each([
  { password: 'x-secret' },
  { deep: [{ apiKey: 'x-secret' }] },
  { key: 'telegram_token', value: 'x-secret' },
  { collection: 'c', data: '{"name":"n","api_key":"x-secret"}' },
  { note: 'Bearer x-secret-x-secret' },
  { url: 'https://a.example/runtime/media/x-secret.y.z/lantern.mp4' },
  { url: 'https://a.example/?access_token=x-secret' },
  { url: 'https://me:x-secret@a.example/' },
  { log: '-----BEGIN PRIVATE KEY-----\nx-secret' },
])('a secret is not kept: %j', (fields) => {
  expect(text(keepFields(fields).value)).not.toContain('x-secret');
});

test('the answer to a question for a secret is one', () => {
  expect(namesSecret({ key: 'botToken' })).toBe(true);
  expect(text(keepValue({ key: 'botToken', value: 'x-secret' }, true).value)).not.toContain('x-secret');
  expect(namesSecret({ key: 'tokenizer-colour' })).toBe(false);
});

test('what is ordinary stays as it is', () => {
  const fields = { fileId: 'f-1', options: { depth: 2, words: ['a', null, true] }, data: '{ "n": 1 }', none: null };
  expect(keepFields(fields).value).toEqual(fields);
});

test('a message of any size or depth takes bounded room', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 10_000; level += 1) deep = { deep };
  const huge = { long: 'x'.repeat(5_000_000), many: Array.from({ length: 1_000_000 }, (_, at) => at), deep };
  expect(text(keepFields(huge).value).length).toBeLessThan(LIMITS.debugger_message_bytes_max);
  expect(text(keepFields({ many: huge.many }).value).length).toBeLessThan(LIMITS.debugger_message_bytes_max);
});

test('a field with a name of the language is a field', () => {
  const { value } = keepFields(JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(text(value)).toBe('{"__proto__":{"polluted":true}}');
});
