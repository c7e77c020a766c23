import { anything, assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import {
  CAPABILITIES,
  CAPABILITY_TYPES,
  HanabiError,
  isCapabilityType,
  parseEnvelope,
  replyAddress,
} from '../src/index.ts';

const good = { v: 1, type: 'HANABI_READ_FILE', rid: 'r7', fileId: 'f-1' };

function refusal(message: unknown): unknown {
  try {
    parseEnvelope(message);
    return undefined;
  } catch (error) {
    if (error instanceof HanabiError) return error.code;
    throw error;
  }
}

test('a good envelope is taken apart', () => {
  const { payload, ...envelope } = parseEnvelope(good);
  expect(envelope).toEqual({ v: 1, type: 'HANABI_READ_FILE', rid: 'r7' });
  expect(Object.entries(payload)).toEqual([['fileId', 'f-1']]);
});

test('the payload inherits nothing, and an own __proto__ stays a plain field', () => {
  const message: unknown = JSON.parse('{"v":1,"type":"T","rid":"r","__proto__":{"scope":"user"},"constructor":1}');
  const { payload } = parseEnvelope(message);
  expect(Object.getPrototypeOf(payload)).toBeNull();
  expect(Object.keys(payload).sort()).toEqual(['__proto__', 'constructor']);
  expect(payload['scope']).toBeUndefined();
  expect({}).not.toHaveProperty('scope');
});

test.each(CAPABILITY_TYPES)('%s refuses an own __proto__ and inherited names in its payload', (type) => {
  const row = CAPABILITIES[type];
  for (const field of ['__proto__', 'constructor', 'toString', 'unheard_of']) {
    const json = JSON.stringify({ v: 1, type, rid: 'r', ...row.example }).slice(0, -1);
    const { payload } = parseEnvelope(JSON.parse(`${json},${JSON.stringify(field)}:{"a":1}}`));
    expect(row.payload.safeParse(payload).success, field).toBe(false);
  }
  expect(row.payload.safeParse(parseEnvelope({ v: 1, type, rid: 'r', ...row.example }).payload).success).toBe(true);
});

test.each([
  undefined,
  null,
  0,
  1n,
  '',
  'text',
  true,
  Symbol('s'),
  () => {},
  [],
  [good],
  new Map([['v', 1]]),
  new Date(0),
])('a message that is no envelope (%s) is malformed', (message) => {
  expect(refusal(message)).toBe('HANABI-V001');
});

test.each([
  ['without type', { ...good, type: undefined }],
  ['with an empty type', { ...good, type: '' }],
  ['with a long type', { ...good, type: 'H'.repeat(65) }],
  ['with an object for a type', { ...good, type: { toString: (): string => 'HANABI_READY' } }],
  ['without rid', { v: 1, type: 'HANABI_READY' }],
  ['with a number for a rid', { ...good, rid: 7 }],
  ['with an empty rid', { ...good, rid: '' }],
  ['with a long rid', { ...good, rid: 'r'.repeat(129) }],
  ['without version', { type: 'HANABI_READY', rid: 'r' }],
  ['with a text for a version', { ...good, v: '1' }],
  ['with a BigInt for a version', { ...good, v: 1n }],
  ['with type and rid as getters that throw', Object.defineProperty({ v: 1, rid: 'r' }, 'type', { get: explode })],
  ['with a payload field that throws', Object.defineProperty({ ...good }, 'scope', { get: explode, enumerable: true })],
  ['that is a proxy', new Proxy({ ...good }, { ownKeys: explode })],
])('a message %s is malformed', (_, message) => {
  expect(refusal(message)).toBe('HANABI-V001');
});

function explode(): never {
  throw new Error('boom');
}

test.each([0, 2, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('version %s is unknown', (v) => {
  expect(refusal({ ...good, v })).toBe('HANABI-V004');
});

test('fields that JSON does not know pass the envelope and fail in the row', () => {
  for (const fileId of [1n, new Map(), new Date(0), Symbol('s'), () => {}]) {
    const { payload } = parseEnvelope({ ...good, fileId });
    expect(CAPABILITIES.HANABI_READ_FILE.payload.safeParse(payload).success).toBe(false);
  }
});

test('any message ends as an envelope or as a HanabiError, and has an address for the reply', () => {
  assert(
    property(anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (message) => {
      refusal(message);
      expect(replyAddress(message).type).toMatch(/_RESULT$/);
    }),
  );
});

test.each([
  [good, { type: 'HANABI_READ_FILE_RESULT', rid: 'r7' }],
  [
    { type: 'HANABI_NEW', rid: 'r7' },
    { type: 'HANABI_NEW_RESULT', rid: 'r7' },
  ],
  [{ rid: 'r7' }, { type: 'HANABI_UNKNOWN_RESULT', rid: 'r7' }],
  [
    { type: 'T'.repeat(65), rid: 'r'.repeat(129) },
    { type: 'HANABI_UNKNOWN_RESULT', rid: null },
  ],
  ['text', { type: 'HANABI_UNKNOWN_RESULT', rid: null }],
  [new Proxy({}, { get: explode }), { type: 'HANABI_UNKNOWN_RESULT', rid: null }],
])('the reply to message %# is addressed as far as it can be', (message, address) => {
  expect(replyAddress(message)).toEqual(address);
});

test('no inherited name is a capability', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'hanabi_ready', 'HANABI_READY ']) {
    expect(isCapabilityType(name)).toBe(false);
  }
  assert(
    property(string(), (name) => {
      expect(isCapabilityType(name)).toBe(CAPABILITY_TYPES.some((type) => type === name));
    }),
  );
});
