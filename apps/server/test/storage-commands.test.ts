/** `hanabi storage check` and `hanabi export`, with the server running. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { checkStorage, type Ended, hanabi as hanabiOn, run } from './harness/hanabi.ts';
import { fileRef, makeFolder, putInTrash } from './harness/items.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { blobPath, sha256Of } from './harness/storage.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let server: RunningServer;
let desktop: Desktop;
let out: string;
beforeAll(async () => {
  server = await startServer();
  desktop = await Desktop.signIn(server.url);
  out = await mkdtemp(join(tmpdir(), 'hanabi-export-'));
});
afterAll(async () => {
  await server.stop();
  await rm(out, { recursive: true, force: true });
});

const hanabi = (...args: string[]) => hanabiOn(server.data_dir, ...args);
const report = () => checkStorage({ HANABI_DATA_DIR: server.data_dir });

async function flip(path: string, position: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[position]! ^= 1;
  await chmod(path, 0o644);
  await writeFile(path, bytes);
}

describe('hanabi storage check', () => {
  it('finds nothing wrong where nothing is', async () => {
    await desktop.upload('a.txt', 'good');
    await desktop.upload('copy.txt', 'good');
    expect(await report()).toMatchObject({ status: 0, ok: true, contents: 1, size_bytes: 4, troubles: [] });
    expect((await hanabi('storage', 'check')).stdout).toMatch(/^1 contents read, 0\.0 MiB: all good$/m);
  });

  it('names each content that is damaged or missing, with the files that have it', async () => {
    const folder = await makeFolder(desktop, 'Trip');
    await desktop.upload('flipped.bin', 'x'.repeat(5000), folder.id);
    await desktop.upload('missing.bin', 'y'.repeat(5000), folder.id);
    await flip(blobPath(server.data_dir, 'x'.repeat(5000)), 4000);
    await rm(blobPath(server.data_dir, 'y'.repeat(5000)));
    const found = await report();
    expect(found).toMatchObject({ status: 1, ok: false, contents: 3 });
    expect(found.troubles).toHaveLength(2);
    expect(found.troubles).toEqual(
      expect.arrayContaining([
        { sha256: sha256Of('x'.repeat(5000)), problem: 'damaged', files: ['admin: Trip/flipped.bin'] },
        { sha256: sha256Of('y'.repeat(5000)), problem: 'missing', files: ['admin: Trip/missing.bin'] },
      ]),
    );
    const printed = await hanabi('storage', 'check');
    expect(printed.status).toBe(1);
    expect(printed.stdout).toContain('"admin: Trip/flipped.bin"');
  });

  it('counts what is of no file, which is no damage', async () => {
    const path = blobPath(server.data_dir, 'orphan');
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, 'orphan');
    await utimes(path, 0, 0);
    expect((await report()).orphans).toEqual({ contents: 1, size_bytes: 6, old: 1 });
  });

  it('says when there is no data, and when it is called wrongly', async () => {
    const nowhere = await hanabiOn(out, 'storage', 'check');
    expect(nowhere.status).toBe(2);
    expect(nowhere.stderr).toContain(`there is no data in ${out}`);
    expect((await hanabi('storage', 'check', 'more')).status).toBe(2);
  });
});

/** On a terminal of its own, from the root of the repository. */
function onTerminal(command: string): Promise<Ended> {
  const settings = { HOME: out, HANABI_DATA_DIR: server.data_dir };
  return run('script', ['--quiet', '--return', '--command', command, '/dev/null'], settings, ROOT);
}

describe('as a user runs them', () => {
  it('explain themselves', async () => {
    for (const [command, option] of [
      ['storage check', '--json'],
      ['export', '--user NAME'],
    ] as const) {
      const { status, stdout } = await onTerminal(`npx hanabi ${command} --help`);
      expect(status).toBe(0);
      expect(stdout).toContain(`Usage: hanabi ${command}`);
      expect(stdout).toContain(option);
      expect(stdout).toContain('HANABI_DATA_DIR');
    }
  });

  it('show how far they are, and end with the exit code that says how it went', async () => {
    const checked = await onTerminal('npx hanabi storage check');
    expect(checked.status).toBe(1);
    expect(checked.stdout).toMatch(/\[#*\.*\] +\d+% 1 contents, 0 in trouble/);
    expect(checked.stdout).toContain('3 contents read, 0.0 MiB: 2 in trouble');
    expect(await onTerminal(`npx hanabi export --user admin --out ${join(out, 'terminal')}`)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/\[#*\.*\] +\d+% /) as string,
    });
  });
});

describe('hanabi export', () => {
  it('writes a plain tree, times included, and leaves the Trash out', async () => {
    const inner = await makeFolder(desktop, 'été', (await desktop.folderAt('Documents')).folder.id);
    const file = await desktop.upload('花火.txt', 'exported', inner.id);
    await putInTrash(desktop, [fileRef(await desktop.upload('gone.txt', 'gone', inner.id))]);
    const exported = await hanabi('export', '--user', 'admin', '--out', join(out, 'tree'));
    // Two contents were damaged above; they are named, and all else is there.
    expect(exported.status).toBe(1);
    expect(exported.stderr).toContain('flipped.bin');
    expect(await readdir(join(out, 'tree', 'Trip'))).toEqual([]);
    const path = join(out, 'tree', 'Documents', 'été', '花火.txt');
    expect(await readFile(path, 'utf8')).toBe('exported');
    expect((await stat(path)).mtime.toISOString()).toBe(file.updated_at);
    expect(await readdir(join(out, 'tree', 'Documents', 'été'))).toEqual(['花火.txt']);
  });

  it('goes on where it was interrupted, writes only what changed, and follows no link', async () => {
    const tree = join(out, 'tree');
    const victim = join(out, 'victim');
    await writeFile(victim, 'untouched');
    await rm(join(tree, 'a.txt'));
    await symlink(victim, join(tree, 'a.txt'));
    await writeFile(join(tree, '.hanabi-export-half'), 'half');
    const before = await stat(join(tree, 'copy.txt'));
    expect((await hanabi('export', '--user', 'admin', '--out', tree)).stdout).toContain('1 of them written now');
    expect((await stat(join(tree, 'copy.txt'))).ino).toBe(before.ino);
    expect(await readFile(join(tree, 'a.txt'), 'utf8')).toBe('good');
    expect(await readFile(victim, 'utf8')).toBe('untouched');
    expect(await readdir(tree)).not.toContain('.hanabi-export-half');
  });

  it('does not write into a folder that is a link, nor for a user that there is not', async () => {
    const tree = join(out, 'linked');
    await mkdir(tree);
    await symlink(out, join(tree, 'Documents'));
    expect(await hanabi('export', '--user', 'admin', '--out', tree)).toMatchObject({ status: 2 });
    expect((await hanabi('export', '--user', 'nobody', '--out', tree)).stderr).toContain('there is no user "nobody"');
    expect((await hanabi('export', '--user', 'admin')).status).toBe(2);
  });
});
