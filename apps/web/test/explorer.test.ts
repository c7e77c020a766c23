import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Shell } from '../src/desktop/shell.svelte.ts';
import Explorer from '../src/files/explorer.svelte';
import { announceFilesChanged } from '../src/files/files-changed.ts';
import { MemoryApi, module } from './memory-api.ts';
import { renderInShell } from './render-in-shell.ts';

let api: MemoryApi;
let shell: Shell;

beforeEach(async () => {
  localStorage.clear();
  api = new MemoryApi();
  const pictures = api.addFolder('Pictures');
  api.addFile('beach.jpg', pictures);
  api.addFile('notes.xyz');
  api.installed = [
    module('viewer', { name: 'Viewer', origin: 'first-party', file_associations: ['jpg'] }),
    module('thumbs', { name: 'Thumbnails', file_associations: ['jpg'] }),
  ];
  shell = new Shell(api);
  await shell.loadModules();
  const window = shell.openExplorer('root');
  renderInShell(shell, Explorer, { window, folderId: 'root' });
  await screen.findByRole('option', { name: /Pictures/ });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const option = (name: RegExp) => screen.getByRole('option', { name });
const rowNames = () =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.getAttribute('aria-label'));
const title = () => shell.windows.windows[0]!.title;

it('walks into a folder and back up by keyboard, with the focus always on something', async () => {
  await fireEvent.keyDown(option(/Pictures/), { key: 'Home' });
  expect(option(/Pictures/).getAttribute('aria-selected')).toBe('true');
  await fireEvent.keyDown(option(/Pictures/), { key: 'Enter' });
  await screen.findByRole('option', { name: /beach/ });
  expect(title()).toBe('Pictures – File Explorer');
  await waitFor(() => expect(document.activeElement).toBe(option(/beach/)));
  await fireEvent.keyDown(option(/beach/), { key: 'Backspace' });
  await waitFor(() => expect(document.activeElement).toBe(option(/Pictures/)));
});

it('jumps to a name that is typed', async () => {
  await fireEvent.keyDown(option(/Pictures/), { key: 'n' });
  expect(option(/notes/).getAttribute('aria-selected')).toBe('true');
});

it('opens a file with the module in the box, and offers all that fit', async () => {
  await fireEvent.dblClick(option(/Pictures/));
  const photo = await screen.findByRole('option', { name: /beach/ });
  await fireEvent.focus(photo);
  await fireEvent.keyDown(photo, { key: 'F10', shiftKey: true });
  const menu = screen.getByRole('menu', { name: 'Actions for beach.jpg' });
  await fireEvent.click(within(menu).getByText('Open with'));
  const offered = within(screen.getByRole('menu', { name: 'Open with' })).getAllByRole('menuitem');
  expect(offered.map((item) => item.querySelector('.label')?.textContent)).toEqual(['Viewer', 'Thumbnails']);
  await fireEvent.click(offered[1]!);
  await fireEvent.dblClick(photo);
  const requests = shell.windows.windows.slice(1).map(({ content }) => content.kind === 'module' && content.request);
  expect(requests).toEqual([
    { module_id: 'thumbs', file_id: 'file-beach.jpg' },
    { module_id: 'viewer', file_id: 'file-beach.jpg' },
  ]);
});

it('downloads a file that no module opens', async () => {
  const links: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    links.push(this.getAttribute('href')!);
  });
  await fireEvent.dblClick(option(/notes/));
  expect(links).toEqual(['/content/file-notes.xyz']);
});

it('shows what a module wrote, and keeps the choice', async () => {
  await fireEvent.focus(option(/notes/));
  api.addFile('result.txt');
  announceFilesChanged();
  await screen.findByRole('option', { name: /result/ });
  expect(option(/notes/).getAttribute('aria-selected')).toBe('true');
});

it('makes a folder, and says why it cannot', async () => {
  await fireEvent.click(screen.getByRole('button', { name: 'New folder' }));
  const name = screen.getByLabelText('Name of the folder');
  await fireEvent.input(name, { target: { value: 'Pictures' } });
  await fireEvent.click(screen.getByRole('button', { name: 'Create' }));
  expect((await screen.findByRole('alert')).textContent).toContain('HANABI-F006');
  await fireEvent.input(name, { target: { value: 'Letters' } });
  await fireEvent.click(screen.getByRole('button', { name: 'Create' }));
  await waitFor(() => expect(option(/Letters/).getAttribute('aria-selected')).toBe('true'));
  expect(screen.queryByRole('dialog')).toBeNull();
});

it('sorts in the list by its column heads', async () => {
  api.addFile('a large one.bin', 'root', 9_000_000);
  await fireEvent.click(screen.getByRole('button', { name: 'Show as list' }));
  await fireEvent.click(screen.getByRole('button', { name: 'Refresh' }));
  await screen.findByRole('row', { name: /a large one/ });
  expect(rowNames()).toEqual(['Pictures', 'a large one.bin', 'notes.xyz']);
  await fireEvent.click(screen.getByRole('button', { name: 'Size' }));
  await fireEvent.click(screen.getByRole('button', { name: 'Size' }));
  expect(rowNames()).toEqual(['Pictures', 'notes.xyz', 'a large one.bin']);
  expect(screen.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort')).toBe('ascending');
});

it('finds its window again instead of opening a second one', async () => {
  shell.showFolder('root');
  expect(shell.windows.windows).toHaveLength(1);
  shell.showFolder('folder-Pictures');
  expect(shell.windows.windows).toHaveLength(2);
});
