import { DESKTOP_PATHS, type FileRef, type FolderEntry } from '@hanabi/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import {
  emptyTrash,
  entryOf,
  fileRef,
  find,
  folderRef,
  listTrash,
  makeFolder,
  move,
  namesIn,
  putInTrash,
  recentFiles,
  rename,
  restore,
  sendCopy,
  sendDeleteTrashed,
  sendMove,
  sendRename,
  sendRestore,
  sendTrash,
  usage,
} from './harness/items.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
let a: FolderEntry;
let count = 0;
beforeAll(async () => {
  const dir = await makeModule({ id: 'reader', permissions: ['files.read', 'files.write'] });
  server = await startServer({ env: { HANABI_MODULE_DIRS: dir }, users: ['other'] });
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());
beforeEach(async () => {
  await emptyTrash(desktop);
  count += 1;
  a = await makeFolder(desktop, `a${count}`);
});

describe('what lies in the Trash', () => {
  it('is listed, newest first, with where it came from, and is nowhere else', async () => {
    const inner = await makeFolder(desktop, 'inner', a.id);
    const file = await desktop.upload(`gone-${count}.txt`, 'x', inner.id);
    await putInTrash(desktop, [fileRef(file)]);
    await putInTrash(desktop, [folderRef(inner)]);
    expect(await listTrash(desktop)).toMatchObject([
      { folder: { id: inner.id, name: 'inner' }, from: ['Home', a.name] },
      { file: { id: file.id, name: file.name }, from: ['Home', a.name, 'inner'] },
    ]);
    expect(await namesIn(desktop, a.id)).toEqual([]);
    expect(await namesIn(desktop, 'root')).not.toContain('Trash');
    expect(await find(desktop, file.name)).toEqual([]);
    expect((await recentFiles(desktop)).map((found) => entryOf(found).id)).not.toContain(file.id);
  });

  it('can neither be opened, changed, copied nor written into', async () => {
    const inner = await makeFolder(desktop, 'inner', a.id);
    const deep = await makeFolder(desktop, 'deep', inner.id);
    const file = await desktop.upload('f.txt', 'x', deep.id);
    await putInTrash(desktop, [folderRef(inner)]);
    const attempts = [
      desktop.send('GET', `${DESKTOP_PATHS.files}/${file.id}/content`),
      desktop.send('GET', `${DESKTOP_PATHS.folders}/${inner.id}`),
      desktop.send('GET', `${DESKTOP_PATHS.folders}/${deep.id}`),
      desktop.send('POST', DESKTOP_PATHS.folders, { parent_id: deep.id, name: 'x' }),
      desktop.sendUpload('x', 'x', deep.id),
      sendRename(desktop, fileRef(file), 'y'),
      sendMove(desktop, [fileRef(file)], a.id),
      sendCopy(desktop, [folderRef(deep)], a.id),
      sendTrash(desktop, [fileRef(file)]),
      sendMove(desktop, [folderRef(a)], deep.id),
      // Only as a whole.
      sendRestore(desktop, [fileRef(file)]),
    ];
    for (const attempt of attempts) expect(await errorOf(await attempt)).toMatchObject({ code: 'HANABI-F001' });
  });

  it('is out of the reach of a module that was reading it', async () => {
    const file = await desktop.upload('opened.txt', 'x', a.id);
    const launch = await desktop.launch('reader', { file_id: file.id });
    expect((await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: file.id })).ok).toBe(true);
    await putInTrash(desktop, [fileRef(file)]);
    const refused = await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: file.id });
    expect(refused.error).toMatchObject({ code: 'HANABI-F001' });
    await restore(desktop, [fileRef(file)]);
    expect((await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: file.id })).ok).toBe(true);
  });

  it('of another user cannot be restored', async () => {
    const file = await desktop.upload('x.txt', 'x', a.id);
    await putInTrash(desktop, [fileRef(file)]);
    const stranger = await Desktop.signIn(server.url, 'other', 'other');
    expect(await errorOf(await sendRestore(stranger, [fileRef(file)]))).toMatchObject({ code: 'HANABI-F001' });
    await emptyTrash(stranger);
    expect(await listTrash(stranger)).toEqual([]);
    expect(await listTrash(desktop)).toHaveLength(1);
  });

  it('may hold any number of things of one name', async () => {
    for (const content of ['one', 'two', 'three']) {
      await putInTrash(desktop, [fileRef(await desktop.upload('same.txt', content, a.id))]);
    }
    const refs = (await listTrash(desktop)).map((item) => fileRef(entryOf(item)));
    expect((await restore(desktop, refs)).map(({ name }) => name)).toEqual([
      'same.txt',
      'same (2).txt',
      'same (3).txt',
    ]);
  });
});

describe('restoring', () => {
  it('brings a folder back with all that is below, under its own ids', async () => {
    const inner = await makeFolder(desktop, 'inner', a.id);
    const file = await desktop.upload('f.txt', 'content', inner.id);
    await putInTrash(desktop, [folderRef(a)]);
    await restore(desktop, [folderRef(a)]);
    expect((await desktop.folder(inner.id)).path.map(({ name }) => name)).toEqual(['Home', a.name, 'inner']);
    expect(await (await desktop.send('GET', `${DESKTOP_PATHS.files}/${file.id}/content`)).text()).toBe('content');
    expect(await listTrash(desktop)).toEqual([]);
  });

  it('follows a folder that was renamed or moved meanwhile', async () => {
    const target = await makeFolder(desktop, `target${count}`);
    const file = await desktop.upload('f.txt', 'x', a.id);
    await putInTrash(desktop, [fileRef(file)]);
    await rename(desktop, folderRef(a), `renamed${count}`);
    await move(desktop, [folderRef(a)], target.id);
    await restore(desktop, [fileRef(file)]);
    expect(await namesIn(desktop, a.id)).toEqual(['f.txt']);
  });

  it('makes the folders again that are in the Trash themselves, or gone', async () => {
    const inner = await makeFolder(desktop, 'inner', a.id);
    const [first, second] = [await desktop.upload('1', 'x', inner.id), await desktop.upload('2', 'x', inner.id)];
    await putInTrash(desktop, [fileRef(first)]);
    await putInTrash(desktop, [fileRef(second)]);
    await putInTrash(desktop, [folderRef(a)]);
    await restore(desktop, [fileRef(first)]);
    const made = await desktop.folderAt(a.name, 'inner');
    expect(made.folder.id).not.toBe(inner.id);
    await restore(desktop, [fileRef(second)]);
    expect(await namesIn(desktop, made.folder.id)).toEqual(['1', '2']);
    expect((await restore(desktop, [folderRef(a)])).map(({ name }) => name)).toEqual([`${a.name} (2)`]);
  });

  it('keeps both on a clash', async () => {
    const file = await desktop.upload('f.txt', 'x', a.id);
    await putInTrash(desktop, [fileRef(file)]);
    await makeFolder(desktop, 'f.txt', a.id);
    expect((await restore(desktop, [fileRef(file)])).map(({ name }) => name)).toEqual(['f (2).txt']);
  });

  it('brings back both when a folder and something in it were named together', async () => {
    const file = await desktop.upload('f.txt', 'x', a.id);
    await putInTrash(desktop, [folderRef(a), fileRef(file)]);
    expect(await listTrash(desktop)).toHaveLength(1);
    await restore(desktop, [folderRef(a)]);
    expect(await namesIn(desktop, a.id)).toEqual(['f.txt']);
  });
});

describe('emptying the Trash', () => {
  it('gives the room back, which lying in it does not', async () => {
    const before = (await usage(desktop)).used_bytes;
    const inner = await makeFolder(desktop, 'inner', a.id);
    await desktop.upload('1', new Uint8Array(1000), inner.id);
    await desktop.upload('2', new Uint8Array(500), a.id);
    await putInTrash(desktop, [folderRef(a)]);
    expect(await usage(desktop)).toMatchObject({ used_bytes: before + 1500, trash_bytes: 1500 });
    await emptyTrash(desktop);
    expect(await usage(desktop)).toMatchObject({ used_bytes: before, trash_bytes: 0 });
    expect(await listTrash(desktop)).toEqual([]);
    expect(await errorOf(await sendRestore(desktop, [folderRef(a)]))).toMatchObject({ code: 'HANABI-F001' });
  });

  it('takes a file out of the launches and jobs that knew it', async () => {
    const launch = await desktop.launch('reader');
    const written = await desktop.ask(launch, 'HANABI_WRITE_FILE', { name: 'w.txt', bytesB64: 'eA==' });
    const { file } = written.data as { file: FileRef };
    await putInTrash(desktop, [fileRef(file)]);
    await emptyTrash(desktop);
    expect((await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: file.id })).error).toMatchObject({
      code: 'HANABI-F001',
    });
    // The name is free again, and the folder as it was.
    expect((await desktop.ask(launch, 'HANABI_WRITE_FILE', { name: 'w.txt', bytesB64: 'eQ==' })).ok).toBe(true);
  });
});

describe('deleting from the Trash', () => {
  it('takes only what is named, and gives its room back', async () => {
    const before = (await usage(desktop)).used_bytes;
    const inner = await makeFolder(desktop, 'inner', a.id);
    await desktop.upload('1', new Uint8Array(1000), inner.id);
    const file = await desktop.upload('2', new Uint8Array(500), a.id);
    const kept = await desktop.upload('3', new Uint8Array(30), a.id);
    await putInTrash(desktop, [folderRef(inner), fileRef(file), fileRef(kept)]);
    // Named twice, it is still only once.
    const list = [folderRef(inner), fileRef(file), fileRef(file)];
    expect((await sendDeleteTrashed(desktop, list)).status).toBe(204);
    expect(await listTrash(desktop)).toMatchObject([{ file: { id: kept.id } }]);
    expect(await usage(desktop)).toMatchObject({ used_bytes: before + 30, trash_bytes: 30 });
    expect(await errorOf(await sendRestore(desktop, [fileRef(file)]))).toMatchObject({ code: 'HANABI-F001' });
  });

  it('refuses what does not lie there itself, or in another user’s, and then deletes nothing', async () => {
    const inner = await makeFolder(desktop, 'inner', a.id);
    const deep = await desktop.upload('deep', 'x', inner.id);
    const there = await desktop.upload('there', 'x', a.id);
    const thrown = await desktop.upload('thrown', 'x', a.id);
    await putInTrash(desktop, [folderRef(inner), fileRef(thrown)]);
    const stranger = await Desktop.signIn(server.url, 'other', 'other');
    const attempts = [
      sendDeleteTrashed(desktop, [fileRef(thrown), fileRef(there)]),
      sendDeleteTrashed(desktop, [fileRef(thrown), fileRef(deep)]),
      sendDeleteTrashed(desktop, [folderRef(a)]),
      sendDeleteTrashed(stranger, [fileRef(thrown)]),
      sendDeleteTrashed(stranger, [folderRef(inner)]),
    ];
    for (const attempt of attempts) expect(await errorOf(await attempt)).toMatchObject({ code: 'HANABI-F001' });
    expect(await errorOf(await sendDeleteTrashed(desktop, []))).toMatchObject({ code: 'HANABI-V008' });
    expect(await listTrash(desktop)).toHaveLength(2);
    expect(await namesIn(desktop, a.id)).toEqual(['there']);
  });
});
