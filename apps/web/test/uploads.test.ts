import { HanabiError } from '@hanabi/protocol';
import { beforeEach, expect, it, vi } from 'vitest';
import { uploadFingerprint, uploadStore } from '../src/api/interrupted-uploads.ts';
import { readChosen } from '../src/files/dropped-files.ts';
import { onFilesChanged } from '../src/files/files-changed.ts';
import { Tasks } from '../src/files/tasks.svelte.ts';
import { Uploads } from '../src/files/uploads.svelte.ts';
import { MemoryApi } from './memory-api.ts';

const file = (name: string, lastModified = 1) => new File(['0123456789'], name, { lastModified });

function treeFile(path: string, lastModified?: number): File {
  const made = file(path.split('/').at(-1)!, lastModified);
  Object.defineProperty(made, 'webkitRelativePath', { value: path });
  return made;
}

function gated() {
  const api = new MemoryApi();
  const gate: { open?: () => void } = {};
  api.uploadGate = new Promise((resolve) => {
    gate.open = resolve;
  });
  return { api, uploads: new Uploads(api, new Tasks()), open: () => gate.open?.() };
}

const states = (uploads: Uploads) => uploads.all.map((upload) => upload.state);

beforeEach(() => localStorage.clear());

it('sends a few at a time, and tells the views about each that ended', async () => {
  const { api, uploads, open } = gated();
  const changed = vi.fn();
  const stop = onFilesChanged(changed);
  uploads.add('root', [file('a'), file('b'), file('c'), file('d')]);
  expect(states(uploads)).toEqual(['sending', 'sending', 'sending', 'waiting']);
  expect(uploads.all[0]!.pct).toBe(50);
  open();
  await vi.waitFor(() => expect(uploads.done).toBe(4));
  stop();
  expect(api.files.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  expect(changed).toHaveBeenCalledTimes(4);
});

it('keeps the error of the one that failed, goes on with the others, and tries again when asked', async () => {
  const api = new MemoryApi();
  const uploads = new Uploads(api, new Tasks());
  const sent = api.upload.bind(api);
  vi.spyOn(api, 'upload').mockRejectedValueOnce(new HanabiError('HANABI-Q003')).mockImplementation(sent);
  uploads.add('root', [file('first'), file('fine')]);
  await vi.waitFor(() => expect(uploads.under_way).toBe(0));
  expect(uploads.all.map((upload) => [upload.state, upload.error?.code])).toEqual([
    ['failed', 'HANABI-Q003'],
    ['done', undefined],
  ]);
  uploads.resume(uploads.all[0]!);
  await vi.waitFor(() => expect(uploads.done).toBe(2));
  expect(uploads.all[0]!.error).toBeNull();
});

it('cancels one, before it began or on its way, and lets the next one in', async () => {
  const { api, uploads, open } = gated();
  uploads.add('root', [file('a'), file('b'), file('c'), file('d'), file('e')]);
  const [a, , , d, e] = uploads.all;
  uploads.cancel(d!);
  uploads.cancel(a!);
  expect([a!.state, d!.state, e!.state]).toEqual(['cancelled', 'cancelled', 'sending']);
  open();
  await vi.waitFor(() => expect(uploads.under_way).toBe(0));
  expect(api.files.map(({ name }) => name)).toEqual(['b', 'c', 'e']);
  expect(a!.error).toBeNull();
});

it('pauses and goes on', async () => {
  const { api, uploads, open } = gated();
  uploads.add('root', [file('a')]);
  const [a] = uploads.all;
  uploads.pause(a!);
  expect([a!.state, uploads.under_way]).toEqual(['paused', 1]);
  open();
  uploads.resume(a!);
  await vi.waitFor(() => expect(a!.state).toBe('done'));
  expect(api.files).toHaveLength(1);
});

it('never sends one file twice at the same time', async () => {
  const { uploads, open } = gated();
  uploads.add('root', [file('a'), file('a')]);
  expect(states(uploads)).toEqual(['sending', 'waiting']);
  open();
  await vi.waitFor(() => expect(states(uploads)).toEqual(['done', 'done']));
});

it('goes on after a new sign-in with those that lost their session', async () => {
  const api = new MemoryApi();
  const uploads = new Uploads(api, new Tasks());
  vi.spyOn(api, 'upload').mockRejectedValueOnce(new HanabiError('HANABI-A004'));
  uploads.add('root', [file('a')]);
  await vi.waitFor(() => expect(states(uploads)).toEqual(['failed']));
  uploads.resumeFailed();
  await vi.waitFor(() => expect(uploads.all[0]!.error).not.toBeUndefined());
  expect(uploads.all[0]!.state).not.toBe('failed');
});

it('makes the folders of a tree, and puts each file where it belongs', async () => {
  const { api, uploads, open } = gated();
  api.addFolder('trip');
  open();
  const files = [treeFile('trip/a.txt'), treeFile('trip/days/1/b.txt'), treeFile('trip/days/1/c.txt')];
  await uploads.addTree('root', readChosen(files));
  await vi.waitFor(() => expect(uploads.done).toBe(3));
  expect(api.folders.map(({ id, parent_id }) => [id, parent_id])).toEqual([
    ['root', null],
    ['folder-trip', 'root'],
    ['folder-days', 'folder-trip'],
    ['folder-1', 'folder-days'],
  ]);
  expect(api.files.map(({ name, folder_id }) => [name, folder_id])).toEqual([
    ['a.txt', 'folder-trip'],
    ['b.txt', 'folder-1'],
    ['c.txt', 'folder-1'],
  ]);
});

it('leaves out of a tree what is there already, but not what was changed since', async () => {
  const { api, uploads, open } = gated();
  api.addFolder('trip');
  api.addFile('old.txt', 'folder-trip', 10);
  api.addFile('changed.txt', 'folder-trip', 10);
  open();
  const tree = readChosen([treeFile('trip/old.txt', 1), treeFile('trip/changed.txt', Date.parse('2026-07-01'))]);
  await uploads.addTree('root', tree);
  await vi.waitFor(() => expect(states(uploads)).toEqual(['there', 'done']));
});

it('remembers what was interrupted until its file is offered again', async () => {
  const a = file('a');
  const upload = { size: 10, metadata: { filename: 'a', folder_id: 'root' }, uploadUrl: '/api/uploads/1' };
  const kept = { ...upload, parallelUploadUrls: null, urlStorageKey: '' };
  await uploadStore.addUpload(uploadFingerprint('root', a), { ...kept, creationTime: new Date().toISOString() });
  await uploadStore.addUpload('long ago', { ...kept, creationTime: '2020-01-01T00:00:00Z' });
  const { uploads } = gated();
  expect(uploads.interrupted.map(({ name, folderId }) => [name, folderId])).toEqual([['a', 'root']]);
  uploads.add('root', [file('b')]);
  expect(uploads.interrupted).toHaveLength(1);
  uploads.add('root', [a]);
  expect(uploads.interrupted).toEqual([]);
  expect(await uploadStore.findUploadsByFingerprint(uploadFingerprint('root', a))).toHaveLength(1);
});
