import { expect, test } from 'vitest';
import { ERROR_CATEGORIES, ERRORS, type ErrorCode, HanabiError, isErrorCode } from '../src/index.ts';

const CODES = Object.keys(ERRORS).filter(isErrorCode);

test.each(CODES)('%s has a category, a status and sentences', (code) => {
  const { category, http, message, meaning, fix } = ERRORS[code];
  expect(code).toMatch(/^HANABI-[A-Z]\d{3}$/);
  expect(ERROR_CATEGORIES).toContain(category);
  expect(http).toBeGreaterThanOrEqual(400);
  expect(http).toBeLessThan(600);
  expect(message).not.toMatch(/\.$/);
  for (const sentence of [meaning, fix]) expect(sentence).toMatch(/\.$/);
});

test('within a family the numbers run from 1 without a gap', () => {
  for (const family of new Set(CODES.map((code) => code.slice(0, -3)))) {
    const numbers = CODES.filter((code) => code.startsWith(family)).map((code) => Number(code.slice(-3)));
    expect(numbers, family).toEqual(numbers.map((_, index) => index + 1));
  }
});

test('the codes that the public contract fixes say what it says', () => {
  const fixed: Partial<Record<ErrorCode, string>> = {
    'HANABI-P001': 'PERMISSION_DENIED',
    'HANABI-P002': 'PERMISSION_DENIED',
    'HANABI-P003': 'PERMISSION_DENIED',
    'HANABI-F001': 'NOT_FOUND',
    'HANABI-F002': 'OUT_OF_SCOPE',
    'HANABI-V001': 'INVALID',
    'HANABI-V002': 'INVALID',
    'HANABI-V003': 'UNSUPPORTED',
    'HANABI-V004': 'UNSUPPORTED',
  };
  for (const [code, category] of Object.entries(fixed)) expect(ERRORS).toHaveProperty([code, 'category'], category);
  expect(ERRORS['HANABI-F002'].message).toBe('File outside module scope');
});

test('an error crosses a border and comes out the same', () => {
  const extras = { log: 'Traceback', jobId: 'j-1', requestId: 'r-1' };
  const error = new HanabiError('HANABI-W008', 'ValueError', { ...extras, cause: new Error('secret path /srv') });
  const body = structuredClone(error.toBody());
  expect(body).toEqual({ code: 'HANABI-W008', category: 'FAILED', message: error.message, ...extras });
  expect(error.message).toBe(`${ERRORS['HANABI-W008'].message}: ValueError`);
  const back = HanabiError.fromBody(body);
  expect(back).toMatchObject({ ...extras, code: error.code, message: error.message, category: 'FAILED', http: 422 });
});

test('a code of a newer host is kept readable', () => {
  const body = JSON.parse('{"code":"HANABI-X999","category":"FAILED","message":"Something new"}');
  expect(HanabiError.fromBody(body)).toMatchObject({ code: 'HANABI-V009', message: 'Something new' });
});

test('what every object inherits is no code', () => {
  for (const name of ['constructor', '__proto__', '', 'HANABI-F0011']) expect(isErrorCode(name)).toBe(false);
});
