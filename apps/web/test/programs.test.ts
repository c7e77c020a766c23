import { expect, it } from 'vitest';
import { explorerProgram, moduleProgram, startRows } from '../src/desktop/programs.ts';
import { module } from './memory-api.ts';

const thumbnails = module('thumbnails', {
  name: 'Thumbnails',
  summary: 'Makes small pictures of large ones',
  jump_list: [{ id: 'new', label: 'New batch' }],
});
const programs = [
  explorerProgram(),
  moduleProgram(thumbnails),
  moduleProgram(module('pictures', { name: 'Picture book' })),
];
const labels = (query: string) => startRows(programs, query).map((row) => row.action?.label ?? row.program.name);

it('lists every program with its actions below it', () => {
  expect(labels('')).toEqual(['File Explorer', 'Thumbnails', 'New batch', 'Picture book']);
});

it('finds names, words, parts and summaries, the best first', () => {
  expect(labels('pict')).toEqual(['Picture book', 'Thumbnails']);
  expect(labels('EXPL')).toEqual(['File Explorer']);
  expect(labels('batch')).toEqual(['New batch']);
  expect(labels('umbn')).toEqual(['Thumbnails']);
  expect(labels('nothing of the kind')).toEqual([]);
});
