import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Shell } from '../src/desktop/shell.svelte.ts';
import Explorer from '../src/files/explorer.svelte';
import { announceFilesChanged } from '../src/files/files-changed.ts';
import type { Place } from '../src/files/place.ts';
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
  const place: Place = { kind: 'folder', id: 'root' };
  const window = shell.openExplorer(place);
  renderInShell(shell, Explorer, { window, place });
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

it('says why a folder cannot be shown, in a window without its name', async () => {
  api.folders = api.folders.filter(({ name }) => name !== 'Pictures');
  await fireEvent.dblClick(option(/Pictures/));
  await screen.findByText('HANABI-F001');
  expect(title()).toBe('File Explorer');
});

it('goes where it was sent, also when files change on the way', async () => {
  await fireEvent.dblClick(option(/Pictures/));
  announceFilesChanged();
  await screen.findByRole('option', { name: /beach/ });
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
  expect(offered.map((item) => item.querySelector('.label')?.textContent)).toEqual([
    'Viewer',
    'Thumbnails',
    'Always open .jpg with',
  ]);
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
  expect(shell.notices.toasts[0]?.title).toBe('Downloading notes.xyz');
});

const pane = () => screen.queryByRole('complementary', { name: /^Preview/ });
const close = () => screen.queryByRole('button', { name: 'Close preview' });

it('shows a file that no module opens but the preview does: in the pane, or enlarged where there is no room', async () => {
  const links = vi.spyOn(HTMLAnchorElement.prototype, 'click');
  const width = vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000);
  api.addFile('letter.md');
  announceFilesChanged();
  const letter = await screen.findByRole('option', { name: /letter/ });
  await fireEvent.dblClick(letter);
  await waitFor(() => expect(pane()?.textContent).toContain('letter.md'));
  expect(close()).toBeNull();

  // Once more, and it takes the place of the entries, until it is closed.
  await fireEvent.dblClick(letter);
  await waitFor(() => expect(document.activeElement).toBe(close()));
  await fireEvent.keyDown(close()!, { key: 'Escape' });
  await waitFor(() => expect(document.activeElement).toBe(letter));
  expect(close()).toBeNull();
  expect(pane()).not.toBeNull();

  await fireEvent.click(screen.getByRole('button', { name: 'Preview' }));
  width.mockReturnValue(390);
  await fireEvent.dblClick(letter);
  await waitFor(() => expect(close()).not.toBeNull());
  await fireEvent.click(close()!);
  await waitFor(() => expect(pane()).toBeNull());
  expect(links).not.toHaveBeenCalled();
});

it('opens files of a kind with the module that the person chose', async () => {
  await fireEvent.dblClick(option(/Pictures/));
  const photo = await screen.findByRole('option', { name: /beach/ });
  await fireEvent.click(photo);
  await fireEvent.keyDown(photo, { key: 'ContextMenu' });
  await fireEvent.click(screen.getByText('Open with'));
  await fireEvent.click(screen.getByText('Always open .jpg with'));
  await fireEvent.click(screen.getByRole('menuitemradio', { name: 'Thumbnails' }));
  await waitFor(() => expect(shell.associations).toEqual({ jpg: 'thumbs' }));
  await fireEvent.dblClick(photo);
  expect(shell.windows.windows.at(-1)!.title).toBe('beach.jpg – Thumbnails');
});

it('shows what a module wrote, and keeps the choice', async () => {
  await fireEvent.click(option(/notes/));
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

const entryNames = () => screen.getAllByRole('option').map((each) => each.getAttribute('title'));
const selectedNames = () =>
  screen
    .getAllByRole('option')
    .filter((each) => each.getAttribute('aria-selected') === 'true')
    .map((each) => each.getAttribute('title'));

it('chooses several by keyboard, and Escape lets them go', async () => {
  await fireEvent.keyDown(option(/Pictures/), { key: 'Home' });
  await fireEvent.keyDown(option(/Pictures/), { key: 'End', shiftKey: true });
  expect(selectedNames()).toEqual(['Pictures', 'notes.xyz']);
  await fireEvent.keyDown(option(/notes/), { key: ' ', ctrlKey: true });
  expect(selectedNames()).toEqual(['Pictures']);
  await fireEvent.keyDown(option(/notes/), { key: 'a', ctrlKey: true });
  expect(selectedNames()).toEqual(['Pictures', 'notes.xyz']);
  await fireEvent.keyDown(option(/notes/), { key: 'Escape' });
  expect(selectedNames()).toEqual([]);
});

it('renames in place: the part before the extension is chosen, Escape leaves it, a bad name says why', async () => {
  await fireEvent.click(option(/notes/));
  await fireEvent.keyDown(option(/notes/), { key: 'F2' });
  const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'New name of notes.xyz' });
  expect([document.activeElement, field.selectionStart, field.selectionEnd]).toEqual([field, 0, 5]);
  await fireEvent.input(field, { target: { value: 'a/b' } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  expect((await screen.findByRole('alert')).textContent).toContain('HANABI-F005');
  await fireEvent.input(field, { target: { value: 'letter.xyz' } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  await waitFor(() => expect(document.activeElement).toBe(option(/letter/)));
  expect(selectedNames()).toEqual(['letter.xyz']);
  await fireEvent.keyDown(option(/letter/), { key: 'z', ctrlKey: true });
  await screen.findByRole('option', { name: /notes/ });
  await fireEvent.keyDown(option(/notes/), { key: 'F2' });
  await fireEvent.keyDown(screen.getByRole('textbox'), { key: 'Escape' });
  expect(screen.queryByRole('textbox')).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(option(/notes/)));
});

it('cuts here and pastes there', async () => {
  await fireEvent.click(option(/notes/));
  await fireEvent(option(/notes/), new Event('cut', { bubbles: true, cancelable: true }));
  expect(option(/notes/).classList.contains('cut')).toBe(true);
  await fireEvent.dblClick(option(/Pictures/));
  await screen.findByRole('option', { name: /beach/ });
  await fireEvent(option(/beach/), new Event('paste', { bubbles: true, cancelable: true }));
  await waitFor(() => expect(entryNames()).toEqual(['beach.jpg', 'notes.xyz']));
  await waitFor(() => expect(selectedNames()).toEqual(['notes.xyz']));
  expect(shell.clipboard.clip).toBeNull();
});

it('throws away with Delete, and finds it again in the Trash', async () => {
  await fireEvent.click(option(/notes/));
  await fireEvent.keyDown(option(/notes/), { key: 'Delete' });
  await waitFor(() => expect(entryNames()).toEqual(['Pictures']));
  await waitFor(() => expect(document.activeElement).toBe(option(/Pictures/)));
  await fireEvent.click(screen.getByRole('button', { name: 'Trash' }));
  await fireEvent.click(await screen.findByRole('option', { name: /notes/ }));
  expect(title()).toBe('Trash – File Explorer');
  await fireEvent.click(screen.getByRole('button', { name: 'Restore' }));
  await screen.findByText('The Trash is empty');
  expect(api.thrown.size).toBe(0);
  await fireEvent.click(screen.getByRole('button', { name: 'Back' }));
  await screen.findByRole('option', { name: /notes/ });
});

it('searches, says where each thing lies, and goes there', async () => {
  const field = screen.getByRole('searchbox', { name: 'Search files' });
  await fireEvent.input(field, { target: { value: 'beach' } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  const found = await screen.findByRole('option', { name: /beach.jpg, My files › Pictures/ });
  await fireEvent.click(found);
  await fireEvent.keyDown(found, { key: 'ContextMenu' });
  await fireEvent.click(screen.getByText('Show in its folder'));
  await waitFor(() => expect(title()).toBe('Pictures – File Explorer'));
  await waitFor(() => expect(selectedNames()).toEqual(['beach.jpg']));
});

it('searches while it is typed into, says how much it found, and is left by deleting the words', async () => {
  const field = screen.getByRole('searchbox', { name: 'Search files' });
  field.focus();
  await fireEvent.input(field, { target: { value: 'b' } });
  await screen.findByRole('option', { name: /beach.jpg, My files › Pictures/ });
  expect(within(field.parentElement!).getByRole('status').textContent).toBe('1 item found');
  await fireEvent.input(field, { target: { value: 'bex' } });
  await waitFor(() => expect(title()).toBe('Search: bex – File Explorer'));
  expect(within(field.parentElement!).getByRole('status').textContent).toBe('Nothing has such a name');
  expect(document.activeElement).toBe(field);
  expect(field).toHaveProperty('value', 'bex');
  await fireEvent.input(field, { target: { value: '' } });
  await waitFor(() => expect(title()).toBe('My files – File Explorer'));
  expect(document.activeElement).toBe(field);
  await waitFor(() => expect(screen.getByRole('button', { name: 'Back' })).toHaveProperty('disabled', true));
});

it('keeps few elements in the page for ten thousand files, and the one with the focus among them', async () => {
  for (let index = 0; index < 10_000; index += 1) api.addFile(`file ${index}`);
  announceFilesChanged();
  await screen.findByRole('option', { name: /^file 0,/ });
  expect(screen.getAllByRole('option').length).toBeLessThan(200);
  await fireEvent.keyDown(option(/Pictures/), { key: 'End' });
  const last = await screen.findByRole('option', { name: /notes.xyz/ });
  expect(last.getAttribute('aria-posinset')).toBe('10002');
  expect(last.getAttribute('aria-setsize')).toBe('10002');
  await waitFor(() => expect(document.activeElement).toBe(last));
});

const landmarks = () =>
  ['navigation', 'region', 'complementary']
    .flatMap((role) => screen.queryAllByRole(role))
    .map((element) => element.getAttribute('aria-label'));

it('in two windows has no two landmarks of one name', async () => {
  const place: Place = { kind: 'folder', id: 'root' };
  const window = shell.openExplorer(place);
  renderInShell(shell, Explorer, { window, place });
  await waitFor(() => expect(screen.getAllByRole('option', { name: /Pictures/ })).toHaveLength(2));
  await fireEvent.keyDown(screen.getAllByRole('option', { name: /Pictures/ })[1]!, { key: 'p', altKey: true });
  await waitFor(() => expect(landmarks()).toContain('Preview, My files (2)'));
  expect(landmarks()).toEqual(expect.arrayContaining(['Places, My files', 'Places, My files (2)', 'My files (2)']));
  expect(new Set(landmarks()).size).toBe(landmarks().length);
  expect(shell.windows.windows.map(({ id }) => shell.windows.nameOf(id))).toEqual([
    'My files – File Explorer',
    'My files – File Explorer (2)',
  ]);
  await fireEvent.dblClick(screen.getAllByRole('option', { name: /Pictures/ })[1]!);
  await waitFor(() => expect(landmarks()).toContain('Preview, Pictures'));
  expect(landmarks()).toEqual(expect.arrayContaining(['My files', 'Pictures', 'Places, Pictures']));
  expect(new Set(landmarks()).size).toBe(landmarks().length);
});
