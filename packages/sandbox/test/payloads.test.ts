import { expect, it } from 'vitest';
import { payloadOf, valueOf } from '../src/workflows/payloads.ts';
import { retryVerdict } from '../src/workflows/retry.ts';

const written = (text: string) => ({ ...payloadOf(0), data: Buffer.from(text).toString('base64') });

it.each([
  ['{"a": [NaN, -Infinity, 1], "Infinity": "say \\"NaN\\""}', { a: [null, null, 1], Infinity: 'say "NaN"' }],
  ['NaN', null],
  ['[1, nothing', null],
  ['"\\u0000"', '\0'],
])('reads %s, which Python wrote', (text, value) => {
  expect(valueOf(written(text))).toEqual(value);
});

it.each([
  ['of nothing', { initialInterval: { seconds: 0 }, maximumInterval: { seconds: 0 } }, 2, 2000],
  ['of 80,000 years', { initialInterval: { seconds: 2.5e12 }, maximumInterval: { seconds: 2.5e12 } }, 1, 31_536e9],
  ['after a thousand attempts', { initialInterval: { seconds: 1 } }, 2000, 100_000],
])('a pause %s between attempts is one that can be waited for', (_, policy, attempt, delay_ms) => {
  const failure = { message: 'no', applicationFailureInfo: { type: '' } };
  expect(retryVerdict(policy, { attempt, failure, left_ms: undefined })).toEqual({ again: true, delay_ms });
});
