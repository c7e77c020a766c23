import { describe, expect, it } from 'vitest';
import { nextIndex, TypeAhead } from '../src/ui/list-keys.ts';

describe('nextIndex', () => {
  it('moves by one in a list and stops at its ends', () => {
    expect(nextIndex('ArrowDown', 0, 3)).toBe(1);
    expect(nextIndex('ArrowDown', 2, 3)).toBe(2);
    expect(nextIndex('ArrowUp', 0, 3)).toBe(0);
    expect(nextIndex('ArrowRight', 0, 3)).toBeNull();
  });

  it('makes the ends meet in a menu', () => {
    expect(nextIndex('ArrowDown', 2, 3, 1, true)).toBe(0);
    expect(nextIndex('ArrowUp', 0, 3, 1, true)).toBe(2);
  });

  it('moves by rows among tiles, and down into a shorter last row', () => {
    expect(nextIndex('ArrowDown', 1, 8, 3)).toBe(4);
    expect(nextIndex('ArrowDown', 5, 8, 3)).toBe(7);
    expect(nextIndex('ArrowDown', 7, 8, 3)).toBe(7);
    expect(nextIndex('ArrowLeft', 3, 8, 3)).toBe(2);
  });

  it('begins at an end when nothing is chosen, and knows Home and End', () => {
    expect(nextIndex('ArrowDown', -1, 5)).toBe(0);
    expect(nextIndex('ArrowUp', -1, 5)).toBe(4);
    expect(nextIndex('End', 1, 5)).toBe(4);
    expect(nextIndex('Home', 3, 5)).toBe(0);
    expect(nextIndex('ArrowDown', 0, 0)).toBeNull();
  });
});

describe('TypeAhead', () => {
  const names = ['Anna', 'bread', 'bridge', 'butter', 'Zoo'];
  const typed = (typeAhead: TypeAhead, key: string, at_ms: number, index: number) => {
    const event = { key, timeStamp: at_ms, ctrlKey: false, metaKey: false, altKey: false } as KeyboardEvent;
    return typeAhead.find(event, names, (name) => name, index);
  };

  it('narrows with letters typed quickly, whatever their case', () => {
    const typeAhead = new TypeAhead();
    expect(typed(typeAhead, 'B', 0, 0)).toBe(1);
    expect(typed(typeAhead, 'r', 100, 1)).toBe(1);
    expect(typed(typeAhead, 'i', 200, 1)).toBe(2);
  });

  it('walks on with the same letter, and starts over after a pause', () => {
    const typeAhead = new TypeAhead();
    expect(typed(typeAhead, 'b', 0, 0)).toBe(1);
    expect(typed(typeAhead, 'b', 100, 1)).toBe(2);
    expect(typed(typeAhead, 'z', 5000, 2)).toBe(4);
  });

  it('leaves shortcuts and unknown letters alone', () => {
    const typeAhead = new TypeAhead();
    expect(typed(typeAhead, 'x', 0, 0)).toBeNull();
    expect(typed(typeAhead, 'Enter', 2000, 0)).toBeNull();
  });
});
