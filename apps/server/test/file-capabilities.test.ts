/** Every file capability, on what is the module's own, on what is the user's, and on what is anybody else's. */
import type { FileRef, FolderRef, Launch, Permission } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Desktop, errorOf } from './harness/desktop.ts';
import { grant } from './harness/grant.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const OWN: Permission[] = ['files.read', 'files.write', 'files.manage', 'storage.read', 'modules.use'];
const BROAD: Permission[] = ['files.read.all', 'files.write.all'];

let server: RunningServer;
let desktop: Desktop;
let stranger: Desktop;

beforeAll(async () => {
  const dirs = [
    await makeModule({ id: 'own-one', permissions: OWN }),
    await makeModule({ id: 'own-two', permissions: OWN }),
    await makeModule({ id: 'asks-all', permissions: [...OWN, ...BROAD] }),
    await makeModule({ id: 'has-all', permissions: [...OWN, ...BROAD] }),
    await makeModule({ id: 'only-write-all', permissions: ['files.read', 'files.manage', 'files.write.all'] }),
  ];
  server = await startServer({
    env: { HANABI_MODULE_DIRS: dirs.join(':') },
    users: ['other'],
    prepare: async (db) => {
      await grant(db, 'has-all', BROAD);
      await grant(db, 'only-write-all', ['files.write.all']);
    },
  });
  desktop = await Desktop.signIn(server.url);
  stranger = await Desktop.signIn(server.url, 'other', 'other');
});
afterAll(() => server.stop());

interface Listing {
  folder: FolderRef;
  folders: FolderRef[];
}

const bytesB64 = Buffer.from('content').toString('base64');
async function write(launch: Launch, name: string, more: object = {}): Promise<FileRef> {
  const answer = await desktop.ask(launch, 'HANABI_WRITE_FILE', { name, bytesB64, ...more });
  return (answer.data as { file: FileRef }).file;
}
const ask = (launch: Launch, name: string, payload: object = {}) => desktop.ask(launch, `HANABI_FS_${name}`, payload);

describe('in its own folders a module', () => {
  it('lists, looks, makes, renames, moves, copies and throws away', async () => {
    const launch = await desktop.launch('own-one');
    const made = await ask(launch, 'MKDIR', { name: 'Drafts', parentFolderRole: 'workspace' });
    const folder = made.data['folder'] as { id: string };
    const file = await write(launch, 'a.txt');
    const moved = await ask(launch, 'MOVE', { fileId: file.id, destFolderId: folder.id });
    expect(moved.data).toMatchObject({ file: { id: file.id, name: 'a.txt' } });
    const renamed = await ask(launch, 'RENAME', { fileId: file.id, name: 'b.txt' });
    expect(renamed.data).toMatchObject({ file: { name: 'b.txt' } });
    const copied = await ask(launch, 'COPY', { fileId: file.id, destFolderId: folder.id });
    expect(copied.data).toMatchObject({ file: { name: 'b (2).txt' } });
    const listed = await ask(launch, 'LIST', { folderId: folder.id });
    expect(listed.data).toMatchObject({
      folder: { name: 'Drafts' },
      folders: [],
      files: [{ name: 'b (2).txt' }, { name: 'b.txt' }],
    });
    const looked = await ask(launch, 'STAT', { folderId: folder.id });
    expect(looked.data).toMatchObject({ kind: 'folder', folder: { name: 'Drafts' } });
    expect((await ask(launch, 'DELETE', { folderId: folder.id })).data).toEqual({ ok: true });
    expect((await ask(launch, 'STAT', { fileId: file.id })).error).toMatchObject({ code: 'HANABI-F001' });
    const trash = (await (await desktop.send('GET', '/api/trash')).json()) as { items: object[] };
    expect(trash.items).toMatchObject([{ folder: { id: folder.id, name: 'Drafts' } }]);
  });

  it('works in the default folders that the contract names', async () => {
    const launch = await desktop.launch('own-one');
    const roleOf = async (folderId: string) => launch.context.folders.find(({ id }) => id === folderId)?.role;
    const listed = await ask(launch, 'LIST');
    expect(await roleOf((listed.data['folder'] as { id: string }).id)).toBe('input');
    const file = await write(launch, 'default.txt', { folderRole: 'workspace' });
    await ask(launch, 'MOVE', { fileId: file.id });
    const output = await ask(launch, 'LIST', { folderRole: 'output' });
    expect((output.data['files'] as FileRef[]).map(({ name }) => name)).toContain('default.txt');
  });

  it('cannot move or rename the folders that its manifest names', async () => {
    const launch = await desktop.launch('own-one');
    for (const { id } of launch.context.folders) {
      for (const answer of [
        await ask(launch, 'RENAME', { folderId: id, name: 'x' }),
        await ask(launch, 'MOVE', { folderId: id, destFolderRole: 'workspace' }),
        await ask(launch, 'DELETE', { folderId: id }),
      ]) {
        expect(answer.error?.code).toMatch(/^HANABI-F0(09|10)$/);
      }
    }
  });

  it('names a file or a folder, one of the two', async () => {
    const launch = await desktop.launch('own-one');
    for (const payload of [{}, { fileId: 'a', folderId: 'b' }]) {
      expect((await ask(launch, 'STAT', payload)).error).toMatchObject({ code: 'HANABI-V002' });
    }
  });
});

/** Each request that takes an id, with that id in its place. */
const withFile = (fileId: string): [string, object][] => [
  ['HANABI_READ_FILE', { fileId }],
  ['HANABI_READ_FILE', { fileId, encoding: 'buffer' }],
  ['HANABI_OPEN_MEDIA', { fileId }],
  ['HANABI_SEND_TO_MODULE', { moduleId: 'image-viewer', fileId }],
  ['HANABI_FS_STAT', { fileId }],
  ['HANABI_FS_RENAME', { fileId, name: 'x' }],
  ['HANABI_FS_MOVE', { fileId }],
  ['HANABI_FS_COPY', { fileId }],
  ['HANABI_FS_DELETE', { fileId }],
];
const withFolder = (folderId: string, ownFile: string): [string, object][] => [
  ['HANABI_FS_LIST', { folderId }],
  ['HANABI_FS_STAT', { folderId }],
  ['HANABI_FS_MKDIR', { name: 'x', parentFolderId: folderId }],
  ['HANABI_FS_RENAME', { folderId, name: 'x' }],
  ['HANABI_FS_MOVE', { folderId }],
  ['HANABI_FS_MOVE', { fileId: ownFile, destFolderId: folderId }],
  ['HANABI_FS_COPY', { fileId: ownFile, destFolderId: folderId }],
  ['HANABI_FS_DELETE', { folderId }],
];

async function expectAll(launch: Launch, requests: [string, object][], code: string): Promise<void> {
  for (const [type, payload] of requests) {
    const answer: Answer = await desktop.ask(launch, type, payload);
    expect(answer.error?.code, `${type} ${JSON.stringify(payload)}`).toBe(code);
  }
}

describe('the matrix', () => {
  it.each(['own-one', 'has-all'])('of another module: %s reaches nothing', async (id) => {
    const neighbour = await desktop.launch('own-two');
    const theirs = await write(neighbour, 'theirs.txt');
    const launch = await desktop.launch(id);
    const own = await write(launch, 'own.txt');
    const folder = neighbour.context.folders[0]!.id;
    await expectAll(launch, [...withFile(theirs.id), ...withFolder(folder, own.id)], 'HANABI-F002');
  });

  it.each(['own-one', 'has-all'])('of another user: %s finds nothing', async (id) => {
    const foreign = await stranger.upload('foreign.txt', 'x');
    const launch = await desktop.launch(id);
    const own = await write(launch, 'own.txt');
    const requests = [...withFile(foreign.id), ...withFolder(foreign.folder_id, own.id)];
    await expectAll(launch, requests, 'HANABI-F001');
    // Nor is the module of the same name, of that user, any help.
    const elsewhere = await stranger.launch(id);
    const theirs = elsewhere.context.folders[0]!.id;
    await expectAll(launch, withFolder(theirs, own.id), 'HANABI-F001');
  });

  it('of the user: out of scope without a broad permission, and a question of consent with one', async () => {
    const mine = await desktop.upload('mine.txt', 'x');
    const folder = desktop.session.root_folder_id;
    const plain = await desktop.launch('own-one');
    const own = await write(plain, 'own.txt');
    await expectAll(plain, [...withFile(mine.id), ...withFolder(folder, own.id)], 'HANABI-F002');
    const asking = await desktop.launch('asks-all');
    const its = await write(asking, 'own.txt');
    await expectAll(asking, [...withFile(mine.id), ...withFolder(folder, its.id)], 'HANABI-P003');
  });

  it('of what lies in the Trash: gone for everyone', async () => {
    const launch = await desktop.launch('own-one');
    const file = await write(launch, 'gone.txt');
    await ask(launch, 'DELETE', { fileId: file.id });
    await expectAll(launch, withFile(file.id), 'HANABI-F001');
  });
});

describe('with the broad permissions granted', () => {
  it('a module works on all the files of the user', async () => {
    const mine = await desktop.upload('broad.txt', 'mine');
    const launch = await desktop.launch('has-all');
    expect((await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: mine.id })).ok).toBe(true);
    const renamed = await ask(launch, 'RENAME', { fileId: mine.id, name: 'broader.txt' });
    expect(renamed.data).toMatchObject({ file: { name: 'broader.txt' } });
    const root = desktop.session.root_folder_id;
    const made = await ask(launch, 'MKDIR', { name: 'By a module', parentFolderId: root });
    const folder = made.data['folder'] as { id: string };
    expect((await ask(launch, 'MOVE', { fileId: mine.id, destFolderId: folder.id })).ok).toBe(true);
    const moved = (await desktop.folder(folder.id)).files;
    expect(moved.map(({ name }) => name)).toEqual(['broader.txt']);
  });

  it('a module finds them from the top folder down, up to the folders of other modules', async () => {
    const other = await desktop.launch('own-one');
    const launch = await desktop.launch('has-all');
    const { folder, folders } = (await ask(launch, 'LIST', { folderId: 'root' })).data as unknown as Listing;
    expect(folder.id).toBe(desktop.session.root_folder_id);
    const modules = folders.find(({ name }) => name === 'Modules')!;
    for (const { id } of other.context.folders) {
      expect((await ask(launch, 'LIST', { folderId: id })).error).toMatchObject({ code: 'HANABI-F002' });
    }
    // Nor does it reach them through the folder that holds them, or the top of all.
    for (const folderId of [modules.id, 'root']) {
      for (const [name, more] of [
        ['DELETE', {}],
        ['RENAME', { name: 'x' }],
        ['MOVE', {}],
      ] as const) {
        const refused = await ask(launch, name, { folderId, ...more });
        expect(refused.error, name).toMatchObject({ code: 'HANABI-F009' });
      }
    }
    expect((await ask(other, 'LIST', { folderId: 'root' })).error).toMatchObject({ code: 'HANABI-F002' });
    expect((await ask(await desktop.launch('asks-all'), 'LIST', { folderId: 'root' })).error).toMatchObject({
      code: 'HANABI-P003',
    });
  });

  it('changing everything is not reading everything', async () => {
    const mine = await desktop.upload('unread.txt', 'secret');
    const launch = await desktop.launch('only-write-all');
    const stolen = await ask(launch, 'COPY', { fileId: mine.id, destFolderRole: 'workspace' });
    expect(stolen.error).toMatchObject({ code: 'HANABI-P001' });
    const beside = await ask(launch, 'COPY', { fileId: mine.id, destFolderId: mine.folder_id });
    expect(beside.data).toMatchObject({ file: { name: 'unread (2).txt' } });
    // Moving it in would be the same theft by another name.
    const moved = await ask(launch, 'MOVE', { fileId: mine.id, destFolderRole: 'workspace' });
    expect(moved.error).toMatchObject({ code: 'HANABI-P001' });
  });
});

const send = (launch: Launch, body: Uint8Array, payload: object) =>
  fetch(`${server.url}/api/capabilities/HANABI_WRITE_FILE`, {
    method: 'POST',
    headers: {
      cookie: desktop.cookie,
      'x-hanabi-csrf': desktop.csrf,
      'x-hanabi-launch': launch.id,
      'content-type': 'application/octet-stream',
      'x-hanabi-payload': encodeURIComponent(JSON.stringify(payload)),
    },
    body: new Uint8Array(body),
  });

describe('bytes as the body of a message', () => {
  it('are stored and come back as they were', async () => {
    const launch = await desktop.launch('own-one');
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 31) % 256);
    const written = (await (await send(launch, bytes, { name: '花火.bin' })).json()) as { data: { file: FileRef } };
    expect(written.data.file).toMatchObject({ name: '花火.bin', size_bytes: 3_000_000 });
    const read = await desktop.send(
      'POST',
      '/api/capabilities/HANABI_READ_FILE',
      { fileId: written.data.file.id, encoding: 'buffer' },
      { 'x-hanabi-launch': launch.id },
    );
    expect(JSON.parse(decodeURIComponent(read.headers.get('x-hanabi-data')!))).toEqual(written.data.file);
    // A vitest matcher looks at each byte by itself: half a minute for these.
    expect(Buffer.from(await read.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('pass the same checks as any payload', async () => {
    const launch = await desktop.launch('own-one');
    const bytes = new Uint8Array(10);
    expect(await errorOf(await send(launch, bytes, { name: '../x' }))).toMatchObject({ code: 'HANABI-F005' });
    expect(await errorOf(await send(launch, bytes, { name: 'x', more: 1 }))).toMatchObject({ code: 'HANABI-V002' });
    const both = await desktop.ask(launch, 'HANABI_WRITE_FILE', { name: 'x' });
    expect(both.error).toMatchObject({ code: 'HANABI-V002' });
  });
});

describe('what surrounds the files', () => {
  it('is told in numbers and names', async () => {
    const launch = await desktop.launch('own-one');
    const usage = await desktop.ask(launch, 'HANABI_STORAGE_USAGE');
    expect(usage.data).toMatchObject({ limit_mb: null, remaining_bytes: null });
    expect(usage.data['used_bytes']).toBeGreaterThan(0);
    const { modules } = (await desktop.ask(launch, 'HANABI_LIST_MODULES')).data as { modules: { id: string }[] };
    expect(modules.map(({ id }) => id)).toContain('image-viewer');
    expect(modules.map(({ id }) => id)).not.toContain('own-one');
    const viewer = modules.find(({ id }) => id === 'image-viewer');
    expect(Object.keys(viewer!).sort()).toEqual(['file_associations', 'icon', 'id', 'name']);
  });

  it('cannot be sent to a module that is not there', async () => {
    const launch = await desktop.launch('own-one');
    const file = await write(launch, 'to-send.txt');
    const gone = await desktop.ask(launch, 'HANABI_SEND_TO_MODULE', { moduleId: 'nobody', fileId: file.id });
    expect(gone.error).toMatchObject({ code: 'HANABI-M001' });
    const there = await desktop.ask(launch, 'HANABI_SEND_TO_MODULE', { moduleId: 'image-viewer', fileId: file.id });
    expect(there.data).toEqual({ ok: true, moduleId: 'image-viewer' });
  });
});
