import { fireEvent, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import NoticeCentre from '../src/desktop/notice-centre.svelte';
import { Shell } from '../src/desktop/shell.svelte.ts';
import Toasts from '../src/desktop/toasts.svelte';
import { MemoryApi } from './memory-api.ts';
import { renderInShell } from './render-in-shell.ts';

let shell: Shell;
const notify = (message: string, tone: 'info' | 'error' = 'info') =>
  shell.services.notify({ moduleId: 'thumbs', moduleName: 'Thumbnails', iconUrl: null, title: 'Done', message, tone });

beforeEach(() => {
  vi.useFakeTimers();
  shell = new Shell(new MemoryApi());
});
afterEach(() => vi.useRealTimers());

const region = (text: string) => screen.getByText(text).closest('[aria-live]')?.getAttribute('aria-live');

it('shows the name of the module and plain text', async () => {
  renderInShell(shell, Toasts, {});
  notify('<b>bold</b>');
  await vi.advanceTimersByTimeAsync(0);
  const toast = screen.getByRole('group', { name: 'Thumbnails' });
  expect(toast.textContent).toContain('<b>bold</b>');
  expect(toast.querySelector('b')).toBeNull();
});

const said = (id: string, created_at: string) => {
  return { id, module_id: 'flow', title: '', message: `said ${id}`, tone: 'info' as const, created_at };
};

it('brings what a workflow said while nobody was there to the centre, and tells when it was seen', async () => {
  const api = new MemoryApi();
  api.unseen = [said('new', '2026-06-02T10:00:00.000Z'), said('old', '2026-06-01T10:00:00.000Z')];
  shell = new Shell(api);
  shell.takeNews({ topic: 'missed' });
  await vi.advanceTimersByTimeAsync(0);
  expect(shell.notices.all.map(({ message }) => message)).toEqual(['said new', 'said old']);
  expect([shell.notices.unread, shell.notices.toasts.length]).toEqual([2, 0]);

  api.unseen = [said('now', '2026-06-03T10:00:00.000Z'), ...api.unseen];
  shell.takeNews({ topic: 'notice' });
  await vi.advanceTimersByTimeAsync(0);
  expect(shell.notices.toasts.map(({ message }) => message)).toEqual(['said now']);
  expect(api.unseen).toHaveLength(3);
  shell.notices.markRead();
  await vi.advanceTimersByTimeAsync(0);
  expect(api.unseen).toEqual([]);
  expect(shell.notices.all).toHaveLength(3);
});

it('goes by itself, but not while it is being read', async () => {
  renderInShell(shell, Toasts, {});
  notify('first');
  await vi.advanceTimersByTimeAsync(1000);
  await fireEvent.pointerEnter(screen.getByRole('group'));
  await vi.advanceTimersByTimeAsync(60_000);
  await fireEvent.pointerLeave(screen.getByRole('group'));
  expect(screen.queryByText('first')).not.toBeNull();
  await vi.advanceTimersByTimeAsync(6000);
  expect(screen.queryByText('first')).toBeNull();
  expect(shell.notices.all).toHaveLength(1);
});

it('interrupts a screen reader for errors only', async () => {
  renderInShell(shell, Toasts, {});
  notify('calm');
  notify('broken', 'error');
  await vi.advanceTimersByTimeAsync(0);
  expect([region('calm'), region('broken')]).toEqual(['polite', 'assertive']);
});

it('keeps them in the centre until they are cleared', async () => {
  notify('one');
  notify('two');
  expect(shell.notices.unread).toBe(2);
  renderInShell(shell, NoticeCentre, {});
  await vi.advanceTimersByTimeAsync(0);
  expect(shell.notices.unread).toBe(0);
  expect(screen.getAllByRole('listitem').map((item) => item.textContent?.includes('two'))).toEqual([true, false]);
  await fireEvent.click(screen.getByRole('button', { name: 'Clear all' }));
  expect(screen.queryByRole('listitem')).toBeNull();
});
