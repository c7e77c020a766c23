import { fireEvent, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Shell } from '../src/desktop/shell.svelte.ts';
import FileDialog from '../src/files/file-dialog.svelte';
import { MemoryApi } from './memory-api.ts';
import { renderInShell } from './render-in-shell.ts';

let shell: Shell;
let answer: ReturnType<Shell['picker']['ask']>;

beforeEach(async () => {
  vi.useFakeTimers();
  const api = new MemoryApi();
  api.addFolder('Modules');
  api.addFolder('Pictures');
  api.addFile('beach.jpg');
  api.addFile('notes.txt');
  shell = new Shell(api);
  answer = shell.picker.ask({ moduleName: 'Thumbnails', accepts: ['jpg'] });
  renderInShell(shell, FileDialog, { request: shell.picker.current! });
  await vi.advanceTimersByTimeAsync(0);
});
afterEach(() => vi.useRealTimers());

const open = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Open' });

it('names the module, and shows neither modules’ folders nor what does not fit', () => {
  expect(screen.getByRole('dialog', { name: 'Thumbnails asks for a file' })).toBeTruthy();
  const names = screen.getAllByRole('option').map((option) => option.querySelector('.name')?.textContent);
  expect(names).toEqual(['Pictures', 'beach.jpg']);
});

it('takes no answer in its first moments', async () => {
  const photo = screen.getByRole('option', { name: /beach/ });
  await fireEvent.focus(photo);
  await fireEvent.dblClick(photo);
  await fireEvent.keyDown(photo, { key: 'Enter' });
  expect(open().disabled).toBe(true);
  expect(shell.picker.current).not.toBeNull();
  await vi.advanceTimersByTimeAsync(350);
  expect(open().disabled).toBe(false);
  await fireEvent.click(open());
  expect((await answer)?.name).toBe('beach.jpg');
});

it('answers with nothing when it is cancelled', async () => {
  const dialog = screen.getByRole('dialog');
  await fireEvent(dialog, new Event('cancel', { cancelable: true }));
  expect(await answer).toBeNull();
});

it('asks one question after the other', async () => {
  const second = shell.picker.ask({ moduleName: 'Another' });
  expect(shell.picker.current?.moduleName).toBe('Thumbnails');
  await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(await answer).toBeNull();
  expect(shell.picker.current?.moduleName).toBe('Another');
  shell.picker.current?.answer(null);
  expect(await second).toBeNull();
  expect(shell.picker.current).toBeNull();
});
