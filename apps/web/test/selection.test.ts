import { beforeEach, expect, it } from 'vitest';
import { Selection } from '../src/files/selection.svelte.ts';

let names: string[];
let selection: Selection;
const list = {
  get entries() {
    return names.map((id) => ({ id }));
  },
  get indexOf() {
    return new Map(names.map((id, index) => [id, index]));
  },
};
const chosen = () => names.filter((id) => selection.has(id)).join('');

beforeEach(() => {
  names = 'abcdefgh'.split('');
  selection = new Selection(list);
});

it('takes a range from where it began, in both directions', () => {
  selection.only('d');
  selection.extendTo('f');
  expect(chosen()).toBe('def');
  selection.extendTo('b');
  expect(chosen()).toBe('bcd');
  expect(selection.cursor).toBe('b');
});

it('adds and takes away single ones, and a range begins at the last of them', () => {
  selection.only('a');
  selection.toggle('d');
  selection.toggle('a');
  selection.toggle('f');
  expect(chosen()).toBe('df');
  selection.extendTo('h', true);
  expect(chosen()).toBe('dfgh');
  selection.extendTo('e');
  expect(chosen()).toBe('ef');
});

it('walks without choosing, and a range still begins where it did', () => {
  selection.only('b');
  selection.walkTo('e');
  expect(chosen()).toBe('b');
  selection.extendTo('f');
  expect(chosen()).toBe('bcdef');
});

it('chooses all, none, and what a rubber band holds', () => {
  selection.all();
  expect(chosen()).toBe('abcdefgh');
  selection.none();
  expect(selection.size).toBe(0);
  selection.replace(['c', 'e']);
  expect([chosen(), selection.cursor]).toEqual(['ce', 'e']);
});

it('stands on a neighbour when what it stood on is gone', () => {
  selection.only('c');
  selection.extendTo('d');
  names = 'abefgh'.split('');
  selection.settle();
  expect([selection.size, selection.cursor]).toEqual([0, 'f']);
  selection.only('h');
  names = ['a'];
  selection.settle();
  expect(selection.cursor).toBe('a');
  names = [];
  selection.settle();
  expect(selection.cursor).toBeNull();
});

it('keeps what is still there, whatever comes before it', () => {
  selection.replace(['b', 'g']);
  names = '0123abcg'.split('');
  selection.settle();
  expect([chosen(), selection.cursor, selection.cursorIndex]).toEqual(['bg', 'g', 7]);
});
