import { request } from 'node:http';
import { type FileRef, type Launch, LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
let launch: Launch;
beforeAll(async () => {
  const manifest = {
    filesystem: {
      root: 'Modules/writer',
      folders: [{ id: 'out', name: 'Out', role: 'output' as const, path: 'Modules/writer/Out' }],
    },
  };
  const dir = await makeModule({ id: 'writer', permissions: ['files.read', 'files.write'], manifest });
  server = await startServer({ env: { HANABI_MODULE_DIRS: dir } });
  desktop = await Desktop.signIn(server.url);
  launch = await desktop.launch('writer');
});
afterAll(() => server.stop());

const write = (payload: Record<string, unknown>) =>
  desktop.ask(launch, 'HANABI_WRITE_FILE', { name: 'a.txt', bytesB64: 'aGk=', ...payload });
const out = () => desktop.folderAt('Modules', 'writer', 'Out');

describe('WRITE_FILE', () => {
  it.each(['../a', '..', '.', '/etc/passwd', 'a/b', 'a\\b', 'a\0b', '', '   ', 'a\nb', 'a\u202eb', 'é'.repeat(200)])(
    'refuses the name %j',
    async (name) => {
      expect((await write({ name })).error).toMatchObject({ code: 'HANABI-F005', category: 'INVALID' });
    },
  );

  it.each(['../x', 'a/../b', '/a', 'a//b', 'a/', './a', 'a/\0', 'a/'.repeat(40) + 'a'])(
    'refuses the sub-path %j',
    async (subpath) => {
      expect((await write({ subpath })).error).toMatchObject({ code: 'HANABI-F005' });
    },
  );

  it.each(['!!!!', 'aGk', 'a', 'aGk=\n', 'aG k=', 'aGl=', 'aGk==='])('tells base64 from %j', async (bytesB64) => {
    const answer = await write({ bytesB64, name: 'garbage.txt' });
    if (answer.ok) {
      // Missing padding is the one thing that loses nothing.
      expect(bytesB64).toBe('aGk');
    } else {
      expect(answer.error).toMatchObject({ code: 'HANABI-V002', category: 'INVALID' });
    }
  });

  it('refuses 200 MB of base64 by its length', async () => {
    // The answer comes as soon as the length is known, so the rest of the body may find nobody listening.
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = {
        cookie: desktop.cookie,
        'x-hanabi-csrf': desktop.csrf,
        'x-hanabi-launch': launch.id,
        'content-type': 'application/json',
        'content-length': 200_000_000,
      };
      const sending = request(`${server.url}/api/capabilities/HANABI_WRITE_FILE`, { method: 'POST', headers });
      sending.on('error', reject);
      sending.on('response', (response) => {
        response.setEncoding('utf8').once('data', (text: string) => {
          resolve(text);
          sending.on('error', () => undefined).destroy();
        });
      });
      sending.write(`{"name":"a.txt","bytesB64":"${'A'.repeat(1000)}`);
    });
    expect(JSON.parse(answer)).toMatchObject({ error: { code: 'HANABI-F004', category: 'LIMIT' } });
    const slightly = 'A'.repeat(Math.ceil((LIMITS.file_base64_bytes_max * 4) / 3) + 8);
    expect((await write({ bytesB64: slightly })).error).toMatchObject({ code: 'HANABI-F004' });
  });

  it('has written nothing of all that', async () => {
    const { files, folders } = await out();
    expect(files.map((file) => file.name).filter((name) => name !== 'garbage.txt')).toEqual([]);
    expect(folders).toEqual([]);
  });

  it('makes the folders of a sub-path, and they belong to the module', async () => {
    const { file } = (await write({ name: 'deep.txt', subpath: '2026/june' })).data as { file: FileRef };
    const folder = await desktop.folderAt('Modules', 'writer', 'Out', '2026', 'june');
    expect(folder.files).toMatchObject([{ id: file.id, name: 'deep.txt' }]);
    expect((await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: file.id })).ok).toBe(true);
  });

  it('replaces the content of a file that is there, and keeps its id', async () => {
    const first = (await write({ name: 'again.txt' })).data as { file: FileRef };
    const second = (await write({ name: 'again.txt', bytesB64: 'bG9uZ2Vy' })).data as { file: FileRef };
    expect(second.file).toMatchObject({ id: first.file.id, size_bytes: 6 });
    const { bytesB64 } = (await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: first.file.id })).data;
    expect(bytesB64).toBe('bG9uZ2Vy');
  });

  it('does not put a file where a folder is, nor a folder where a file is', async () => {
    await write({ name: 'x.txt', subpath: 'taken' });
    expect((await write({ name: 'taken' })).error).toMatchObject({ code: 'HANABI-F006' });
    await write({ name: 'plain' });
    expect((await write({ name: 'x.txt', subpath: 'plain' })).error).toMatchObject({ code: 'HANABI-F006' });
  });

  it('keeps composed and decomposed spellings of a name one file', async () => {
    const composed = (await write({ name: 'caf\u00e9.txt' })).data as { file: FileRef };
    const decomposed = (await write({ name: 'cafe\u0301.txt' })).data as { file: FileRef };
    expect(decomposed.file.id).toBe(composed.file.id);
  });

  it('needs a folder of that role', async () => {
    expect((await write({ folderRole: 'workspace' })).error).toMatchObject({
      code: 'HANABI-F003',
      role: 'workspace',
      category: 'NOT_FOUND',
    });
  });
});
