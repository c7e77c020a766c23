import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Shell } from '../src/desktop/shell.svelte.ts';
import StartMenu from '../src/desktop/start-menu.svelte';
import { MemoryApi, module } from './memory-api.ts';
import { renderInShell } from './render-in-shell.ts';

let shell: Shell;
beforeEach(async () => {
  const api = new MemoryApi();
  api.installed = [module('thumbs', { name: 'Thumbnails', jump_list: [{ id: 'new', label: 'New batch' }] })];
  shell = new Shell(api);
  await shell.loadModules();
  shell.panel = 'start';
  renderInShell(shell, StartMenu, {});
});

const field = () => screen.getByRole('combobox');
const chosen = () => screen.getByRole('option', { selected: true }).textContent;

it('is driven from the search field', async () => {
  expect(document.activeElement).toBe(field());
  expect(chosen()).toContain('File Explorer');
  await fireEvent.keyDown(field(), { key: 'ArrowDown' });
  expect(chosen()).toContain('Trash');
  expect(field().getAttribute('aria-activedescendant')).toBe(screen.getByRole('option', { selected: true }).id);
  await fireEvent.keyDown(field(), { key: 'ArrowUp' });
  await fireEvent.keyDown(field(), { key: 'ArrowUp' });
  expect(chosen()).toContain('New batch');
});

it('starts an action with Enter', async () => {
  await fireEvent.input(field(), { target: { value: 'batch' } });
  expect(screen.getAllByRole('option')).toHaveLength(1);
  await fireEvent.keyDown(field(), { key: 'Enter' });
  const content = shell.windows.windows[0]?.content;
  expect(content?.kind === 'module' && content.request).toEqual({ module_id: 'thumbs', action: 'new' });
  expect(shell.panel).toBeNull();
});

it('says when nothing fits, and closes with Escape', async () => {
  await fireEvent.input(field(), { target: { value: 'zzz' } });
  expect(screen.queryByRole('option')).toBeNull();
  expect(screen.getByText(/zzz/)).toBeTruthy();
  await fireEvent.keyDown(field(), { key: 'Enter' });
  expect(shell.windows.windows).toHaveLength(0);
  await fireEvent.keyDown(field(), { key: 'Escape' });
  expect(shell.panel).toBeNull();
});

describe('before the list of modules is there', () => {
  let arrive: () => void;

  beforeEach(async () => {
    cleanup();
    const api = new MemoryApi();
    api.installed = [module('thumbs', { name: 'Thumbnails' })];
    const { modules } = api;
    const gate = new Promise<void>((resolve) => (arrive = resolve));
    api.modules = () => gate.then(modules);
    shell = new Shell(api);
    shell.panel = 'start';
    renderInShell(shell, StartMenu, {});
  });

  it('Enter starts what answers to the name as soon as it is there', async () => {
    await fireEvent.input(field(), { target: { value: 'thumb' } });
    expect(screen.getByText(/on its way/)).toBeTruthy();
    await fireEvent.keyDown(field(), { key: 'Enter' });
    expect(shell.windows.windows).toHaveLength(0);
    arrive();
    await vi.waitFor(() => expect(shell.windows.windows).toHaveLength(1));
    expect(shell.panel).toBeNull();
  });

  it('files wait for it, so that Enter opens none in place of a module', async () => {
    const api = shell.api as MemoryApi;
    api.addFile('thumb.txt', 'root', 1);
    const search = vi.spyOn(api, 'search');
    await fireEvent.input(field(), { target: { value: 'thumb' } });
    await vi.waitFor(() => expect(search).toHaveResolved());
    expect(screen.queryByRole('option')).toBeNull();
    arrive();
    await vi.waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
    expect(chosen()).toContain('Thumbnails');
  });

  it('nothing starts when what was typed changed after Enter', async () => {
    await fireEvent.input(field(), { target: { value: 'thumb' } });
    await fireEvent.keyDown(field(), { key: 'Enter' });
    await fireEvent.input(field(), { target: { value: 'thumbn' } });
    arrive();
    await screen.findByRole('option');
    expect(shell.windows.windows).toHaveLength(0);
  });
});
