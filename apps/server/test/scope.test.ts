import { DESKTOP_PATHS, type FileEntry, type FileRef, type Launch } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
let stranger: Desktop;
let mine: FileEntry;
let strangers: FileEntry;

beforeAll(async () => {
  const dirs = [
    await makeModule({ id: 'module-a', permissions: ['files.read', 'files.write'] }),
    await makeModule({ id: 'module-b', permissions: ['files.read', 'files.write'] }),
    await makeModule({ id: 'module-broad', permissions: ['files.read', 'files.read.all'] }),
  ];
  server = await startServer({ env: { HANABI_MODULE_DIRS: dirs.join(':') }, users: ['other'] });
  desktop = await Desktop.signIn(server.url);
  stranger = await Desktop.signIn(server.url, 'other', 'other');
  mine = await desktop.upload('mine.txt', 'mine');
  strangers = await stranger.upload('theirs.txt', 'theirs');
});
afterAll(() => server.stop());

const read = (launch: Launch, fileId: string) => desktop.ask(launch, 'HANABI_READ_FILE', { fileId });
const write = (launch: Launch, name: string) =>
  desktop.ask(launch, 'HANABI_WRITE_FILE', { name, bytesB64: Buffer.from(name).toString('base64') });

describe('the third check', () => {
  it('lets a module read what lies in its own folders', async () => {
    const launch = await desktop.launch('module-a');
    const { file } = (await write(launch, 'own.txt')).data as { file: FileRef };
    const answer = await read(launch, file.id);
    expect(answer.data).toMatchObject({
      name: 'own.txt',
      mime_type: 'text/plain',
      size_bytes: 7,
      bytesB64: 'b3duLnR4dA==',
    });
  });

  it('keeps one module out of the folders of another', async () => {
    const { file } = (await write(await desktop.launch('module-a'), 'secret.txt')).data as { file: FileRef };
    const answer = await read(await desktop.launch('module-b'), file.id);
    expect(answer.error).toMatchObject({ code: 'HANABI-F002', category: 'OUT_OF_SCOPE' });
    // No permission would open them.
    expect(answer.error).not.toHaveProperty('permission');
  });

  it('keeps a module away from the other files of the user', async () => {
    expect((await read(await desktop.launch('module-a'), mine.id)).error).toMatchObject({
      code: 'HANABI-F002',
      permission: 'files.read.all',
    });
  });

  it('does not tell the files of another user from missing ones', async () => {
    const launch = await desktop.launch('module-a');
    const foreign = (await read(launch, strangers.id)).error;
    const missing = (await read(launch, 'nonsense')).error;
    expect(foreign).toMatchObject({ code: 'HANABI-F001', category: 'NOT_FOUND' });
    expect(foreign.message.replace(strangers.id, 'nonsense')).toBe(missing.message);
  });

  it('asks for consent where a broader permission is declared', async () => {
    const launch = await desktop.launch('module-broad');
    expect((await read(launch, mine.id)).error).toMatchObject({ code: 'HANABI-P003' });
    const { file } = (await write(await desktop.launch('module-a'), 'a.txt')).data as { file: FileRef };
    expect((await read(launch, file.id)).error).toMatchObject({ code: 'HANABI-F002' });
    expect((await read(launch, strangers.id)).error).toMatchObject({ code: 'HANABI-F001' });
  });

  it('lists only the own input folder', async () => {
    const launch = await desktop.launch('module-a');
    const input = launch.context.folders.find((folder) => folder.role === 'input')!;
    await desktop.upload('a.txt', 'x', input.id);
    await desktop.upload('b.PNG', 'x', input.id);
    const all = await desktop.ask(launch, 'HANABI_PICK_FILE', {});
    expect(all.data).toMatchObject({ files: [{ name: 'a.txt' }, { name: 'b.PNG' }] });
    for (const accepts of [['..'], ['*'], ['a/b'], ['\u202egnp'], ['']]) {
      const refused = await desktop.ask(launch, 'HANABI_PICK_FILE', { accepts });
      expect(refused.error, String(accepts)).toMatchObject({ code: 'HANABI-V002' });
    }
    const some = await desktop.ask(launch, 'HANABI_PICK_FILE', { accepts: ['.png'] });
    expect(some.data).toMatchObject({ files: [{ name: 'b.PNG' }] });
    const other = await desktop.ask(await desktop.launch('module-b'), 'HANABI_PICK_FILE', {});
    expect(other.data).toEqual({ files: [] });
  });
});

describe('a launch', () => {
  it('makes the file it was opened with readable, and no other launch can read it', async () => {
    const launch = await desktop.launch('module-a', { file_id: mine.id });
    expect(launch.context.openedFile).toMatchObject({ id: mine.id, name: 'mine.txt' });
    expect((await read(launch, mine.id)).ok).toBe(true);
    expect((await read(await desktop.launch('module-a'), mine.id)).error).toMatchObject({ code: 'HANABI-F002' });
  });

  it('makes a picked file readable', async () => {
    const launch = await desktop.launch('module-broad');
    const response = await desktop.send('POST', `${DESKTOP_PATHS.launches}/${launch.id}/picks`, { file_id: mine.id });
    expect(await response.json()).toMatchObject({ file: { id: mine.id } });
    expect((await read(launch, mine.id)).ok).toBe(true);
  });

  it('cannot be made to pick what is not the user’s to give', async () => {
    const launch = await desktop.launch('module-broad');
    const pick = async (id: string) =>
      errorOf(await desktop.send('POST', `${DESKTOP_PATHS.launches}/${launch.id}/picks`, { file_id: id }));
    const { file } = (await write(await desktop.launch('module-a'), 'other.txt')).data as { file: FileRef };
    expect(await pick(strangers.id)).toMatchObject({ code: 'HANABI-F001' });
    expect(await pick(file.id)).toMatchObject({ code: 'HANABI-F002' });
  });

  it('cannot open another user’s file', async () => {
    const wish = { module_id: 'module-a', file_id: strangers.id };
    expect(await errorOf(await desktop.send('POST', DESKTOP_PATHS.launches, wish))).toMatchObject({
      code: 'HANABI-F001',
    });
  });

  it('does not pick for the module over the wire', async () => {
    const launch = await desktop.launch('module-broad');
    const answer = await desktop.ask(launch, 'HANABI_PICK_FILE', { scope: 'user' });
    expect(answer.error).toMatchObject({ code: 'HANABI-P003' });
    const undeclared = await desktop.ask(await desktop.launch('module-a'), 'HANABI_PICK_FILE', { scope: 'user' });
    expect(undeclared.error).toMatchObject({ code: 'HANABI-P001' });
  });

  it('finds its folders by whom they belong to, never by their name', async () => {
    const fresh = await Desktop.signIn(server.url, 'other', 'other');
    const modules = await fresh.folderAt('Modules');
    const decoy = await fresh.send('POST', DESKTOP_PATHS.folders, { parent_id: modules.folder.id, name: 'module-b' });
    const { id } = (await decoy.json()) as { id: string };
    const launch = await fresh.launch('module-b');
    expect(launch.context.folders[0]!.path).toBe('Modules/module-b (2)/Imports');
    const file = await fresh.upload('private.txt', 'x', id);
    expect((await fresh.ask(launch, 'HANABI_READ_FILE', { fileId: file.id })).error).toMatchObject({
      code: 'HANABI-F002',
    });
  });
});
