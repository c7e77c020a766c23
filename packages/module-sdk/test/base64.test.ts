import { assert, property, uint8Array } from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { base64ToBytes, bytesToBase64 } from '../src/index.ts';

const nativeFromBase64 = Object.getOwnPropertyDescriptor(Uint8Array, 'fromBase64');

function setFromBase64(value: unknown): void {
  Object.defineProperty(Uint8Array, 'fromBase64', { value, configurable: true });
}

afterEach(() => {
  Reflect.deleteProperty(Uint8Array, 'fromBase64');
  if (nativeFromBase64) Object.defineProperty(Uint8Array, 'fromBase64', nativeFromBase64);
});

/** There and back as in a browser that knows neither toBase64 nor fromBase64. */
function byHand(bytes: Uint8Array): { text: string; back: Uint8Array } {
  setFromBase64(undefined);
  const text = bytesToBase64(Object.assign(bytes, { toBase64: undefined }));
  return { text, back: base64ToBytes(text) };
}

test('bytes survive the way there and back, and agree with Node, without native support', () => {
  assert(
    property(uint8Array({ maxLength: 300 }), (bytes) => {
      const { text, back } = byHand(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(Buffer.from(back).equals(bytes)).toBe(true);
    }),
  );
});

test.each([24_575, 24_576, 24_577, 1_000_001])('pieces of %i bytes join without padding between them', (size) => {
  const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7919) % 256);
  const { text, back } = byHand(bytes);
  expect(text).toBe(Buffer.from(bytes).toString('base64'));
  expect(Buffer.from(back).equals(bytes)).toBe(true);
});

test('a view into a larger buffer gives its own bytes only', () => {
  expect(byHand(new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4)).text).toBe('AgME');
});

test('the browser’s own methods are used where they exist', () => {
  setFromBase64((text: string) => new Uint8Array([text.length]));
  expect(bytesToBase64(Object.assign(new Uint8Array(2), { toBase64: () => 'native' }))).toBe('native');
  expect(base64ToBytes('CQ==')).toEqual(new Uint8Array([4]));
});

test('garbage is an error, not bytes', () => {
  setFromBase64(undefined);
  expect(() => base64ToBytes('@@not base64@@')).toThrow();
});
