import { expect, it } from 'vitest';
import { Clipboard } from '../src/files/clipboard.svelte.ts';
import { listedEntries } from '../src/files/entries.ts';
import { MemoryApi } from './memory-api.ts';

async function entries() {
  const api = new MemoryApi();
  api.addFile('a.txt');
  api.addFile('b.txt');
  return listedEntries(await api.folder('root'));
}

it('gives away once what was cut, and again and again what was copied', async () => {
  const clipboard = new Clipboard();
  const [a, b] = await entries();
  clipboard.put('cut', [a!]);
  expect([clipboard.isCut(a!.id), clipboard.isCut(b!.id)]).toEqual([true, false]);
  expect(clipboard.take()?.entries).toEqual([a]);
  expect([clipboard.take(), clipboard.isCut(a!.id)]).toEqual([null, false]);
  clipboard.put('copy', [a!, b!]);
  expect(clipboard.isCut(a!.id)).toBe(false);
  expect(clipboard.take()).toEqual(clipboard.take());
});

it('holds nothing when nothing was chosen', async () => {
  const clipboard = new Clipboard();
  clipboard.put('copy', await entries());
  clipboard.put('cut', []);
  expect(clipboard.clip).toBeNull();
});
