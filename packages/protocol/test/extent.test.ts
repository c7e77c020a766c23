import { describe, expect, it } from 'vitest';
import { checkExtent, LIMITS } from '../src/index.ts';

const check = (value: unknown) => checkExtent(value, 'HANABI-V002');

function nested(levels: number): unknown {
  let value: unknown = null;
  for (let level = 0; level < levels; level += 1) value = level % 2 ? [value] : { value };
  return value;
}

describe('checkExtent', () => {
  it('lets through what is within the limits', () => {
    const fine = [undefined, null, 1, 'text', [], {}, new Uint8Array(10_000_000), nested(LIMITS.message_depth_max)];
    for (const value of fine) expect(check(value)).toBeUndefined();
    expect(check(Array.from({ length: LIMITS.message_values_max - 1 }, () => 0))).toBeUndefined();
    expect(check('x'.repeat(LIMITS.message_text_chars_max))).toBeUndefined();
  });

  it('counts levels', () => {
    expect(() => check(nested(LIMITS.message_depth_max + 1))).toThrow(/nested too deeply/);
    expect(() => check(nested(100_000))).toThrow(/nested too deeply/);
  });

  it('counts what contains itself by what JSON would write', () => {
    const list: unknown[] = [];
    list.push(list);
    expect(() => check(list)).toThrow(/nested too deeply/);
    const twice: Record<string, unknown> = {};
    Object.assign(twice, { left: twice, right: twice });
    expect(() => check(twice)).toThrow(/values/);
  });

  it('counts a part as often as it appears', () => {
    let value: unknown = 1;
    for (let level = 0; level < 60; level += 1) value = { left: value, right: value };
    expect(() => check(value)).toThrow(/values/);
    const text = 'x'.repeat(LIMITS.message_text_chars_max / 64);
    expect(() => check(Array.from({ length: 65 }, () => text))).toThrow(/characters/);
    const named = { [text]: 1 };
    expect(() => check(Array.from({ length: 65 }, () => named))).toThrow(/characters/);
  });

  it('refuses a list that is longer than the limit without walking it', () => {
    expect(() => check(Array.from({ length: LIMITS.message_values_max + 1 }))).toThrow(/values/);
  });
});
