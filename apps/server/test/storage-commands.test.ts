/** `hanabi storage check` and `hanabi export`, with the server running. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { fileRef, makeFolder, putInTrash } from './harness/items.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { blobPath, sha256Of } from './harness/storage.ts';

const HANABI = fileURLToPath(new URL('../../../packages/module-cli/bin/hanabi.mjs', import.meta.url));

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

function hanabi(...args: string[]) {
  const env = { PATH: process.env['PATH'], HANABI_DATA_DIR: server.data_dir };
  return spawnSync(process.execPath, [HANABI, ...args], { env, encoding: 'utf8', timeout: 60_000 });
}

const report = () => {
  const { status, stdout } = hanabi('storage', 'check', '--json');
  return { ...(JSON.parse(stdout) as { troubles: unknown[]; orphans: unknown }), status };
};

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
    expect(report()).toMatchObject({ status: 0, ok: true, contents: 1, size_bytes: 4, troubles: [] });
    expect(hanabi('storage', 'check').stdout).toMatch(/^1 contents read, 0\.0 MiB: all good$/m);
  });

  it('names each content that is damaged or missing, with the files that have it', async () => {
    const folder = await makeFolder(desktop, 'Trip');
    await desktop.upload('flipped.bin', 'x'.repeat(5000), folder.id);
    await desktop.upload('missing.bin', 'y'.repeat(5000), folder.id);
    await flip(blobPath(server.data_dir, 'x'.repeat(5000)), 4000);
    await rm(blobPath(server.data_dir, 'y'.repeat(5000)));
    const found = report();
    expect(found).toMatchObject({ status: 1, ok: false, contents: 3 });
    expect(found.troubles).toHaveLength(2);
    expect(found.troubles).toEqual(
      expect.arrayContaining([
        { sha256: sha256Of('x'.repeat(5000)), problem: 'damaged', files: ['admin: Home/Trip/flipped.bin'] },
        { sha256: sha256Of('y'.repeat(5000)), problem: 'missing', files: ['admin: Home/Trip/missing.bin'] },
      ]),
    );
    const printed = hanabi('storage', 'check');
    expect(printed.status).toBe(1);
    expect(printed.stdout).toContain('"admin: Home/Trip/flipped.bin"');
  });

  it('counts what is of no file, which is no damage', async () => {
    const path = blobPath(server.data_dir, 'orphan');
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, 'orphan');
    await utimes(path, 0, 0);
    expect(report().orphans).toEqual({ contents: 1, size_bytes: 6, old: 1 });
  });

  it('says when there is no data, and when it is called wrongly', () => {
    const env = { PATH: process.env['PATH'], HANABI_DATA_DIR: out };
    const run = spawnSync(process.execPath, [HANABI, 'storage', 'check'], { env, encoding: 'utf8' });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(`there is no data in ${out}`);
    expect(hanabi('storage', 'check', 'more').status).toBe(2);
  });
});

describe('hanabi export', () => {
  it('writes a plain tree, times included, and leaves the Trash out', async () => {
    const inner = await makeFolder(desktop, 'été', (await desktop.folderAt('Documents')).folder.id);
    const file = await desktop.upload('花火.txt', 'exported', inner.id);
    await putInTrash(desktop, [fileRef(await desktop.upload('gone.txt', 'gone', inner.id))]);
    const run = hanabi('export', '--user', 'admin', '--out', join(out, 'tree'));
    // Two contents were damaged above; they are named, and all else is there.
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('flipped.bin');
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
    expect(hanabi('export', '--user', 'admin', '--out', tree).stdout).toContain('1 of them written now');
    expect((await stat(join(tree, 'copy.txt'))).ino).toBe(before.ino);
    expect(await readFile(join(tree, 'a.txt'), 'utf8')).toBe('good');
    expect(await readFile(victim, 'utf8')).toBe('untouched');
    expect(await readdir(tree)).not.toContain('.hanabi-export-half');
  });

  it('does not write into a folder that is a link, nor for a user that there is not', async () => {
    const tree = join(out, 'linked');
    await mkdir(tree);
    await symlink(out, join(tree, 'Documents'));
    expect(hanabi('export', '--user', 'admin', '--out', tree)).toMatchObject({ status: 2 });
    expect(hanabi('export', '--user', 'nobody', '--out', tree).stderr).toContain('there is no user "nobody"');
    expect(hanabi('export', '--user', 'admin').status).toBe(2);
  });
});
