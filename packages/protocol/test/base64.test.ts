import { expect, test } from 'vitest';
import { base64BytesChecked, LIMITS } from '../src/index.ts';

const charsMax = Math.ceil(LIMITS.file_base64_bytes_max / 3) * 4;

test('a base64 text of the largest file passes, and one group more is refused by its length alone', () => {
  expect(base64BytesChecked('')).toBe(0);
  expect(base64BytesChecked('AAAA')).toBe(3);
  expect(base64BytesChecked('A'.repeat(charsMax))).toBeGreaterThanOrEqual(LIMITS.file_base64_bytes_max);
  const tooLong = () => base64BytesChecked('A'.repeat(charsMax + 4));
  expect(tooLong).toThrow(expect.objectContaining({ code: 'HANABI-F004', category: 'LIMIT' }));
});
