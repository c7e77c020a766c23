import { DESKTOP_PATHS, type FolderEntry, LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import {
  copy,
  fileRef,
  find,
  folderRef,
  makeFolder,
  move,
  namesIn,
  properties,
  recentFiles,
  rename,
  sendCopy,
  sendMove,
  sendRename,
  sendTrash,
  usage,
} from './harness/items.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
let stranger: Desktop;
let a: FolderEntry;
let b: FolderEntry;
let count = 0;
beforeAll(async () => {
  const filesystem = {
    root: 'Modules/keeper',
    folders: [{ id: 'deep', name: 'Deep', role: 'output' as const, path: 'Modules/keeper/plain/Deep' }],
  };
  const dir = await makeModule({ id: 'keeper', permissions: ['files.read', 'files.write'], manifest: { filesystem } });
  server = await startServer({ env: { HANABI_MODULE_DIRS: dir }, users: ['other'] });
  desktop = await Desktop.signIn(server.url);
  stranger = await Desktop.signIn(server.url, 'other', 'other');
});
afterAll(() => server.stop());
beforeEach(async () => {
  count += 1;
  a = await makeFolder(desktop, `a${count}`);
  b = await makeFolder(desktop, `b${count}`);
});

describe('renaming', () => {
  it('changes the name, and the type with it', async () => {
    const file = await desktop.upload('notes.txt', 'x', a.id);
    const response = await sendRename(desktop, fileRef(file), 'picture.png');
    expect(await response.json()).toMatchObject({
      items: [{ file: { id: file.id, name: 'picture.png', mime_type: 'image/png', folder_id: a.id } }],
    });
    expect(await namesIn(desktop, a.id)).toEqual(['picture.png']);
  });

  it('refuses a name that is taken, by a file or a folder', async () => {
    const file = await desktop.upload('x', 'x', a.id);
    await desktop.upload('file', 'x', a.id);
    await makeFolder(desktop, 'folder', a.id);
    for (const name of ['file', 'folder']) {
      expect(await errorOf(await sendRename(desktop, fileRef(file), name))).toMatchObject({ code: 'HANABI-F006' });
    }
    expect(await rename(desktop, fileRef(file), 'x')).toEqual(['x']);
  });

  it('keeps case and normalises to NFC', async () => {
    const file = await desktop.upload('x', 'x', a.id);
    expect(await rename(desktop, fileRef(file), 'CAFE\u0301.txt')).toEqual(['CAF\u00c9.txt']);
    expect(await rename(desktop, fileRef(file), 'caf\u00e9.txt')).toEqual(['caf\u00e9.txt']);
  });

  it.each(['', '..', 'a/b', 'a\0b'])('refuses the name %j', async (name) => {
    expect(await errorOf(await sendRename(desktop, folderRef(a), name))).toMatchObject({ code: 'HANABI-F005' });
  });
});

describe('moving', () => {
  it('takes along all that is below', async () => {
    const inner = await makeFolder(desktop, 'inner', a.id);
    const file = await desktop.upload('deep.txt', 'x', inner.id);
    expect(await move(desktop, [folderRef(a)], b.id)).toEqual([a.name]);
    const { path } = await desktop.folder(inner.id);
    expect(path.map(({ name }) => name)).toEqual(['Home', b.name, a.name, 'inner']);
    expect((await desktop.send('GET', `${DESKTOP_PATHS.files}/${file.id}/content`)).status).toBe(200);
  });

  it('keeps both on a clash, and leaves alone what is there already', async () => {
    const mine = await desktop.upload('x.txt', 'one', a.id);
    await desktop.upload('x.txt', 'two', b.id);
    await makeFolder(desktop, 'x (2).txt', b.id);
    expect(await move(desktop, [fileRef(mine)], a.id)).toEqual(['x.txt']);
    expect(await move(desktop, [fileRef(mine)], b.id)).toEqual(['x (3).txt']);
    expect(await namesIn(desktop, a.id)).toEqual([]);
  });

  it('refuses a folder into itself or below, and then moves nothing at all', async () => {
    const inner = await makeFolder(desktop, 'inner', a.id);
    const file = await desktop.upload('f', 'x', b.id);
    for (const target of [a, inner]) {
      const response = await sendMove(desktop, [fileRef(file), folderRef(a)], target.id);
      expect(await errorOf(response)).toMatchObject({ code: 'HANABI-F010', category: 'INVALID' });
    }
    expect(await namesIn(desktop, b.id)).toEqual(['f']);
  });

  it('refuses what would become too deep', async () => {
    let deepest = b;
    for (let depth = 2; depth < LIMITS.folder_depth_max; depth += 1) {
      deepest = await makeFolder(desktop, 'd', deepest.id);
    }
    await makeFolder(desktop, 'inner', a.id);
    expect(await errorOf(await sendMove(desktop, [folderRef(a)], deepest.id))).toMatchObject({ code: 'HANABI-F005' });
    expect(await errorOf(await sendCopy(desktop, [folderRef(a)], deepest.id))).toMatchObject({ code: 'HANABI-F005' });
    const flat = await makeFolder(desktop, `flat${count}`);
    expect(await move(desktop, [folderRef(flat)], deepest.id)).toEqual([flat.name]);
  });

  it('reads and writes nothing of another user', async () => {
    const mine = await desktop.upload('private.txt', 'x', a.id);
    const root = stranger.session.root_folder_id;
    const attempts = [
      sendMove(stranger, [fileRef(mine)], root),
      sendMove(stranger, [folderRef(a)], root),
      sendCopy(stranger, [fileRef(mine)], root),
      sendMove(stranger, [fileRef(await stranger.upload('theirs', 'x'))], a.id),
      sendCopy(stranger, [folderRef(await makeFolder(stranger, `s${count}`))], a.id),
      sendRename(stranger, fileRef(mine), 'y'),
      sendTrash(stranger, [folderRef(a)]),
      stranger.send('GET', `${DESKTOP_PATHS.items}/properties?file_id=${mine.id}`),
      stranger.send('GET', `${DESKTOP_PATHS.zip}?name=x.zip&folder=${a.id}`),
    ];
    for (const attempt of attempts) {
      expect(await errorOf(await attempt)).toMatchObject({ code: 'HANABI-F001', category: 'NOT_FOUND' });
    }
    expect(await find(stranger, 'private')).toEqual([]);
    expect(await namesIn(desktop, a.id)).toEqual(['private.txt']);
  });
});

describe('copying', () => {
  it('of a folder makes new ids for everything below, and later changes stay apart', async () => {
    const inner = await makeFolder(desktop, 'inner', a.id);
    const file = await desktop.upload('f.txt', 'content', inner.id);
    const [copied] = await copy(desktop, [folderRef(a)], b.id);
    const copiedInner = (await desktop.folder(copied!.id)).folders[0]!;
    const copiedFile = (await desktop.folder(copiedInner.id)).files[0]!;
    expect(new Set([copied!.id, copiedInner.id, copiedFile.id, a.id, inner.id, file.id]).size).toBe(6);
    await rename(desktop, fileRef(copiedFile), 'other.txt');
    expect(await namesIn(desktop, inner.id)).toEqual(['f.txt']);
    const content = await desktop.send('GET', `${DESKTOP_PATHS.files}/${copiedFile.id}/content`);
    expect(await content.text()).toBe('content');
  });

  it('keeps both on a clash, also in its own folder and into itself', async () => {
    const file = await desktop.upload('x.txt', 'x', a.id);
    const names = async (refs: Parameters<typeof copy>[1], target: string) =>
      (await copy(desktop, refs, target)).map(({ name }) => name);
    expect(await names([fileRef(file), fileRef(file)], a.id)).toEqual(['x (2).txt', 'x (3).txt']);
    expect(await names([folderRef(a)], a.id)).toEqual([a.name]);
    expect(await namesIn(desktop, a.id)).toEqual([a.name, 'x (2).txt', 'x (3).txt', 'x.txt']);
  });

  it('of a copy counts on, and takes a year for a part of the name', async () => {
    const folder = await makeFolder(desktop, 'counted', b.id);
    const again = async (name: string) => {
      const file = await desktop.upload(name, 'x', folder.id);
      return (await copy(desktop, [fileRef(file), fileRef(file)], folder.id)).map((made) => made.name);
    };
    expect(await again('x (2).txt')).toEqual(['x (3).txt', 'x (4).txt']);
    expect(await again('tax (2026).txt')).toEqual(['tax (2026) (2).txt', 'tax (2026) (3).txt']);
  });

  it('shares the content: one blob for any number of copies', async () => {
    const file = await desktop.upload('big.bin', new Uint8Array(2_000_000), a.id);
    const before = await usage(desktop);
    await copy(desktop, [fileRef(file), fileRef(file), fileRef(file)], b.id);
    expect((await usage(desktop)).used_bytes - before.used_bytes).toBe(6_000_000);
    const hashes = (await desktop.folder(b.id)).files.map((entry) => properties(desktop, fileRef(entry)));
    expect(new Set((await Promise.all(hashes)).map(({ sha256 }) => sha256)).size).toBe(1);
  });
});

describe('folders that must stay', () => {
  it('can be opened, but not renamed, moved or trashed, nor taken along', async () => {
    await desktop.launch('keeper');
    const modules = (await desktop.folderAt('Modules')).folder;
    const root = (await desktop.folderAt('Modules', 'keeper')).folder;
    const between = (await desktop.folderAt('Modules', 'keeper', 'plain')).folder;
    const role = (await desktop.folderAt('Modules', 'keeper', 'plain', 'Deep')).folder;
    expect([root, between, role].map(({ module_id }) => module_id)).toEqual(['keeper', 'keeper', 'keeper']);
    const home = (await desktop.folder('root')).folder;
    for (const folder of [home, modules, root, between, role]) {
      for (const attempt of [
        sendRename(desktop, folderRef(folder), 'other'),
        sendMove(desktop, [folderRef(folder)], b.id),
        sendTrash(desktop, [folderRef(folder)]),
      ]) {
        expect(await errorOf(await attempt)).toMatchObject({ code: 'HANABI-F009' });
      }
    }
    const own = await makeFolder(desktop, 'own', role.id);
    expect(own.module_id).toBe('keeper');
    expect(await move(desktop, [folderRef(own)], b.id)).toEqual(['own']);
    expect((await desktop.folder(own.id)).folder.module_id).toBeNull();
  });

  it('leave a plain folder behind when they are copied', async () => {
    const root = (await desktop.folderAt('Modules', 'keeper')).folder;
    const [copied] = await copy(desktop, [folderRef(root)], b.id);
    expect(copied).toMatchObject({ name: 'keeper', module_id: null });
    await expect(sendTrash(desktop, [folderRef(copied!)])).resolves.toMatchObject({ status: 204 });
  });

  it('called Modules elsewhere are like any other', async () => {
    const decoy = await makeFolder(desktop, 'Modules', a.id);
    expect(await rename(desktop, folderRef(decoy), 'mine')).toEqual(['mine']);
  });
});

describe('finding', () => {
  it('looks for parts of names, without case and accents', async () => {
    const file = await desktop.upload(`Ça-été-100%_${count}.TXT`, 'x', a.id);
    const folder = await makeFolder(desktop, `ÉTÉ-${count}`, a.id);
    for (const text of [`ete-`, 'ÉTÉ-']) {
      const found = await find(desktop, text);
      expect(found).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ folder: expect.objectContaining({ id: folder.id }) as unknown }),
          expect.objectContaining({ file: expect.objectContaining({ id: file.id }) as unknown }),
        ]),
      );
    }
    const [exact] = await find(desktop, `100%_${count}`);
    expect(exact).toMatchObject({ file: { id: file.id }, path: [{ name: 'Home' }, { name: a.name }] });
    expect(await find(desktop, '100_%')).toEqual([]);
    expect(await find(desktop, ' ')).toEqual([]);
  });

  it('knows the files that changed last', async () => {
    const file = await desktop.upload('newest.txt', 'x', b.id);
    const [first] = await recentFiles(desktop);
    expect(first).toMatchObject({ file: { id: file.id }, path: [{ name: 'Home' }, { name: b.name }] });
  });

  it('knows everything about an item', async () => {
    const inner = await makeFolder(desktop, 'inner', a.id);
    const file = await desktop.upload('p.txt', 'twelve bytes', inner.id);
    expect(await properties(desktop, fileRef(file))).toMatchObject({
      name: 'p.txt',
      size_bytes: 12,
      files: 1,
      folders: 0,
      mime_type: 'text/plain',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      path: [{ name: 'Home' }, { name: a.name }, { name: 'inner' }],
    });
    expect(await properties(desktop, folderRef(a))).toMatchObject({
      size_bytes: 12,
      files: 1,
      folders: 1,
      sha256: null,
    });
  });
});

const put = (extension: string, module_id: string | null) =>
  desktop.send('PUT', DESKTOP_PATHS.associations, { extension, module_id });

describe('associations', () => {
  it('are kept for each user, and only of modules that there are', async () => {
    expect(await (await put('jpg', 'keeper')).json()).toEqual({ modules: { jpg: 'keeper' } });
    expect(await errorOf(await put('jpg', 'nobody'))).toMatchObject({ code: 'HANABI-M001' });
    expect(await errorOf(await put('../x', 'keeper'))).toMatchObject({ code: 'HANABI-V008' });
    expect(await (await stranger.send('GET', DESKTOP_PATHS.associations)).json()).toEqual({ modules: {} });
    expect(await (await put('jpg', null)).json()).toEqual({ modules: {} });
  });
});
