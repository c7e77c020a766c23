import { HanabiError, type ItemRef } from '@hanabi/protocol';
import { beforeEach, expect, it, vi } from 'vitest';
import { Notices } from '../src/desktop/notices.svelte.ts';
import { type Entry, listedEntries } from '../src/files/entries.ts';
import { FileOperations } from '../src/files/file-operations.svelte.ts';
import { MemoryApi } from './memory-api.ts';

let api: MemoryApi;
let notices: Notices;
let files: FileOperations;

beforeEach(() => {
  api = new MemoryApi();
  api.addFolder('Letters');
  api.addFile('a.txt');
  api.addFile('b.txt');
  notices = new Notices();
  files = new FileOperations(api, notices);
});

const root = async (): Promise<Entry[]> => listedEntries(await api.folder('root'));
const names = async (folder = 'root') => (await api.folder(folder)).files.map(({ name }) => name);
const texts = async () => (await root()).filter((entry) => entry.kind === 'file');
const said = () => notices.toasts.at(-1)?.message;

it('moves, and moves back to where each came from', async () => {
  await files.move(await texts(), 'folder-Letters');
  expect([await names(), await names('folder-Letters')]).toEqual([[], ['a.txt', 'b.txt']]);
  expect(said()).toBe('2 items moved');
  await files.undo();
  expect([await names(), await names('folder-Letters')]).toEqual([['a.txt', 'b.txt'], []]);
  expect(said()).toBe('Undone: 2 items moved');
  expect(files.undoable.latest).toBeNull();
});

it('gives a name back that had to give way', async () => {
  const moved = api.move.bind(api);
  vi.spyOn(api, 'move').mockImplementationOnce(async (refs: ItemRef[], folderId: string) => {
    await moved(refs, folderId);
    return api.rename(refs[0]!, 'a (2).txt');
  });
  const [a] = await texts();
  await files.move([a!], 'folder-Letters');
  expect(await names('folder-Letters')).toEqual(['a (2).txt']);
  await files.undo();
  expect(await names()).toEqual(['a.txt', 'b.txt']);
});

it('leaves alone what lies there already', async () => {
  await files.move(await texts(), 'root');
  expect(files.undoable.latest).toBeNull();
  expect(notices.toasts).toEqual([]);
});

it('undoes a copy by throwing the copies away, and trash by restoring', async () => {
  const [a] = await texts();
  await files.copy([a!], 'root');
  expect(await names()).toEqual(['a.txt', 'b.txt', 'a (2).txt']);
  await files.undo();
  expect(await names()).toEqual(['a.txt', 'b.txt']);
  await files.trash([a!]);
  expect(await names()).toEqual(['b.txt']);
  await files.undo();
  expect(await names()).toEqual(['a.txt', 'b.txt']);
});

it('undoes a new name and a new folder', async () => {
  const [a] = await texts();
  await files.rename(a!, 'z.txt');
  await files.makeFolder('root', 'Pictures');
  await files.undo();
  expect((await root()).map(({ name }) => name)).toEqual(['Letters', 'z.txt', 'b.txt']);
  await files.undo();
  expect(await names()).toEqual(['a.txt', 'b.txt']);
});

it('undoes the one whose button was pressed, once, and the button goes with it', async () => {
  const [a, b] = await texts();
  await files.rename(a!, 'first.txt');
  const { action } = notices.toasts.at(-1)!;
  await files.rename(b!, 'second.txt');
  expect(action?.holds()).toBe(true);
  action?.choose();
  await vi.waitFor(async () => expect(await names()).toEqual(['a.txt', 'second.txt']));
  expect(action?.holds()).toBe(false);
  action?.choose();
  expect(files.undoable.latest?.label).toContain('second.txt');
});

it('counts and can undo what succeeded when the rest failed', async () => {
  for (let index = 0; index < 700; index += 1) api.addFile(`many ${index}`);
  const trash = api.moveToTrash.bind(api);
  const steps: number[] = [];
  vi.spyOn(api, 'moveToTrash').mockImplementation(async (refs: ItemRef[]) => {
    steps.push(files.tasks.running[0]!.done);
    if (steps.length === 2) throw new HanabiError('HANABI-V011');
    await trash(refs);
  });
  await files.trash(await texts());
  expect(steps).toEqual([0, 500]);
  expect(files.tasks.running).toEqual([]);
  expect(api.thrown.size).toBe(500);
  expect(notices.all.map(({ tone, title }) => [tone, title])).toEqual([
    ['error', 'Not everything could be moved to the Trash'],
  ]);
  expect(said()).toBe('500 items moved to the Trash');
  await files.undo();
  expect(api.thrown.size).toBe(0);
});

it('tells of an undo that fails, and does not offer it again', async () => {
  const [a] = await texts();
  await files.rename(a!, 'z.txt');
  vi.spyOn(api, 'rename').mockRejectedValueOnce(new HanabiError('HANABI-F001'));
  await files.undo();
  expect(notices.all[0]?.message).toContain('HANABI-F001');
  expect(files.undoable.latest).toBeNull();
});

it('does again what was undone, until something else is done', async () => {
  const [a, b] = await texts();
  await files.move([a!], 'folder-Letters');
  await files.undo();
  expect(notices.toasts.at(-1)?.action?.label).toBe('Redo');
  await files.redo();
  expect(await names('folder-Letters')).toEqual(['a.txt']);
  expect(said()).toBe('Done again: “a.txt” moved');
  await files.undo();
  expect(await names('folder-Letters')).toEqual([]);

  await files.rename(b!, 'new.txt');
  expect(files.undoable.latestUndone).toBeNull();
  await files.redo();
  expect(await names('folder-Letters')).toEqual([]);
  await files.undo();
  await files.redo();
  expect(await names()).toEqual(['a.txt', 'new.txt']);
});

it('brings the same copies and folders back that undo threw away, and throws away again', async () => {
  const [a] = await texts();
  const [copy] = await files.copy([a!], 'root');
  const made = await files.makeFolder('root', 'New');
  await files.trash([a!]);
  await files.undo();
  await files.undo();
  await files.undo();
  expect([...api.thrown.keys()]).toEqual([made.id, copy!.id]);
  await files.redo();
  await files.redo();
  expect([...api.thrown.keys()]).toEqual([]);
  await files.redo();
  expect([...api.thrown.keys()]).toEqual([a!.id]);
});

it('tells of a redo that fails, and does not offer it again', async () => {
  const [a] = await texts();
  await files.trash([a!]);
  await files.undo();
  api.moveToTrash = () => Promise.reject(new HanabiError('HANABI-V011'));
  await files.redo();
  expect(notices.toasts.at(-1)).toMatchObject({ title: 'It could not be done again', tone: 'error' });
  expect([files.undoable.latest, files.undoable.latestUndone]).toEqual([null, null]);
});

it('deletes for good what lies in the Trash, and only that', async () => {
  const [a, b] = await texts();
  await files.trash([a!]);
  await files.deleteTrashed([a!]);
  expect(await names()).toEqual(['b.txt']);
  await files.deleteTrashed([b!]);
  expect(notices.toasts.at(-1)).toMatchObject({ title: 'Not everything could be deleted', tone: 'error' });
  expect(await names()).toEqual(['b.txt']);
});
