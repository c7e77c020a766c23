import { LIMITS } from '@hanabi/protocol';
import { fireEvent, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Shell } from '../src/desktop/shell.svelte.ts';
import FileDialog from '../src/files/file-dialog.svelte';
import { MemoryApi } from './memory-api.ts';
import { renderInShell } from './render-in-shell.ts';

let shell: Shell;
let answer: ReturnType<Shell['picker']['ask']>;
let gone: AbortController;

beforeEach(async () => {
  vi.useFakeTimers();
  const api = new MemoryApi();
  api.addFolder('Modules');
  api.addFolder('Pictures');
  api.addFile('beach.jpg');
  api.addFile('notes.txt');
  api.addFile('summer.jpg', 'folder-Pictures');
  gone = new AbortController();
  shell = new Shell(api);
  answer = shell.picker.ask({ moduleName: 'Thumbnails', accepts: ['jpg'], signal: gone.signal });
  renderInShell(shell, FileDialog, { request: shell.picker.current! });
  await vi.advanceTimersByTimeAsync(0);
});
afterEach(() => vi.useRealTimers());

const open = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Open' });

async function twice(element: HTMLElement): Promise<void> {
  await fireEvent.focus(element);
  await fireEvent.click(element, { detail: 1 });
  await fireEvent.click(element, { detail: 2 });
  await fireEvent.dblClick(element);
}

it('names the module, and shows neither modules’ folders nor what does not fit', () => {
  expect(screen.getByRole('dialog', { name: 'Thumbnails asks for a file' })).toBeTruthy();
  const names = screen.getAllByRole('option').map((option) => option.querySelector('.name')?.textContent);
  expect(names).toEqual(['Pictures', 'beach.jpg']);
});

it('takes no answer in its first moments, nor right after the window came back', async () => {
  const photo = screen.getByRole('option', { name: /beach/ });
  await twice(photo);
  await fireEvent.click(open());
  expect(open().getAttribute('aria-disabled')).toBe('true');
  await vi.advanceTimersByTimeAsync(LIMITS.consent_guard_ms - 1);
  await fireEvent.click(open());
  await fireEvent(window, new Event('focus'));
  await vi.advanceTimersByTimeAsync(LIMITS.consent_guard_ms - 1);
  await fireEvent.click(open());
  expect(shell.picker.current).not.toBeNull();
  await vi.advanceTimersByTimeAsync(1);
  expect(open().getAttribute('aria-disabled')).toBe('false');
  await fireEvent.click(open());
  expect((await answer)?.name).toBe('beach.jpg');
});

it('takes two clicks on a file only when both came to be answered', async () => {
  const photo = screen.getByRole('option', { name: /beach/ });
  await fireEvent.click(photo, { detail: 1 });
  await vi.advanceTimersByTimeAsync(LIMITS.consent_guard_ms);
  await fireEvent.click(photo, { detail: 2 });
  await fireEvent.dblClick(photo);
  expect(shell.picker.current).not.toBeNull();
  await twice(photo);
  expect((await answer)?.name).toBe('beach.jpg');
});

it('begins anew in each folder', async () => {
  await vi.advanceTimersByTimeAsync(LIMITS.consent_guard_ms);
  await fireEvent.dblClick(screen.getByRole('option', { name: /Pictures/ }));
  await vi.advanceTimersByTimeAsync(0);
  const summer = screen.getByRole('option', { name: /summer/ });
  await twice(summer);
  expect(shell.picker.current).not.toBeNull();
  await vi.advanceTimersByTimeAsync(LIMITS.consent_guard_ms);
  await twice(summer);
  expect((await answer)?.name).toBe('summer.jpg');
});

it('begins with the focus where keys do nothing, and Enter on a file leads to the button', async () => {
  await vi.advanceTimersByTimeAsync(LIMITS.consent_guard_ms);
  expect(document.activeElement?.textContent).toContain('will be able to read');
  const photo = screen.getByRole('option', { name: /beach/ });
  photo.focus();
  await fireEvent.keyDown(photo, { key: 'Enter', repeat: true });
  expect(document.activeElement).toBe(photo);
  await fireEvent.keyDown(photo, { key: 'Enter' });
  expect(document.activeElement).toBe(open());
  expect(shell.picker.current).not.toBeNull();
  // The browser turns the key into a click unless somebody objects.
  expect(await fireEvent.keyDown(open(), { key: 'Enter', repeat: true })).toBe(false);
  expect(await fireEvent.keyDown(open(), { key: 'Enter' })).toBe(true);
});

it('goes away with whoever asked', async () => {
  gone.abort();
  expect(await answer).toBeNull();
  expect(shell.picker.current).toBeNull();
  expect(await shell.picker.ask({ moduleName: 'Gone', signal: gone.signal })).toBeNull();
});

it('answers with nothing when it is cancelled', async () => {
  const dialog = screen.getByRole('dialog');
  await fireEvent(dialog, new Event('cancel', { cancelable: true }));
  expect(await answer).toBeNull();
});

it('asks one question after the other', async () => {
  const second = shell.picker.ask({ moduleName: 'Another', signal: gone.signal });
  expect(shell.picker.current?.moduleName).toBe('Thumbnails');
  await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(await answer).toBeNull();
  expect(shell.picker.current?.moduleName).toBe('Another');
  shell.picker.current?.answer(null);
  expect(await second).toBeNull();
  expect(shell.picker.current).toBeNull();
});
