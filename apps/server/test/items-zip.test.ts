import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESKTOP_PATHS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { fileRef, makeFolder, putInTrash } from './harness/items.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { blobPath } from './harness/storage.ts';

let server: RunningServer;
let desktop: Desktop;
let dir: string;
beforeAll(async () => {
  server = await startServer();
  desktop = await Desktop.signIn(server.url);
  dir = await mkdtemp(join(tmpdir(), 'hanabi-zip-'));
});
afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

const get = (query: string) => desktop.send('GET', `${DESKTOP_PATHS.zip}?${query}`);

/** As somebody else's unzip sees it: each entry with its size, whether it was deflated, and the hash of its bytes. */
async function unzipped(response: Response): Promise<Record<string, [number, boolean, string]>> {
  const path = join(dir, 'test.zip');
  await writeFile(path, Buffer.from(await response.arrayBuffer()));
  const program = [
    'import hashlib, json, sys, zipfile',
    'z = zipfile.ZipFile(sys.argv[1])',
    'assert z.testzip() is None',
    'e = {i.filename: [i.file_size, i.compress_type == 8, hashlib.sha256(z.read(i)).hexdigest()] for i in z.infolist()}',
    'assert len(e) == len(z.infolist())',
    'print(json.dumps(e))',
  ].join('\n');
  const run = spawnSync('/usr/bin/python3', ['-c', program, path], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Record<string, [number, boolean, string]>;
}

const hash = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

describe('a zip', () => {
  it('of folders and files has all that is below, and nothing of the Trash', async () => {
    const trip = await makeFolder(desktop, 'Reise 花火');
    const inner = await makeFolder(desktop, 'inner', trip.id);
    await makeFolder(desktop, 'empty', inner.id);
    const text = 'words '.repeat(50_000);
    const noise = Uint8Array.from({ length: 400_000 }, (_, index) => (index * 7919) % 251);
    await desktop.upload('text.txt', text, inner.id);
    await desktop.upload('photo.jpg', noise, trip.id);
    const single = await desktop.upload('zero.txt', '');
    await putInTrash(desktop, [fileRef(await desktop.upload('gone.txt', 'x', inner.id))]);
    const response = await get(`name=Alles&folder=${trip.id}&file=${single.id}`);
    expect(response.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''Alles.zip");
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(await unzipped(response)).toEqual({
      'Reise 花火/': [0, false, hash('')],
      'Reise 花火/inner/': [0, false, hash('')],
      'Reise 花火/inner/empty/': [0, false, hash('')],
      'Reise 花火/inner/text.txt': [text.length, true, hash(text)],
      'Reise 花火/photo.jpg': [noise.length, false, hash(noise)],
      'zero.txt': [0, true, hash('')],
    });
  });

  it('keeps both where two things that were chosen have one name', async () => {
    const [one, two] = [await makeFolder(desktop, 'one'), await makeFolder(desktop, 'two')];
    const files = [await desktop.upload('x.txt', '1', one.id), await desktop.upload('x.txt', '2', two.id)];
    const folder = await makeFolder(desktop, 'x (2).txt', one.id);
    const query = `name=x.zip&folder=${folder.id}&${files.map(({ id }) => `file=${id}`).join('&')}`;
    expect(Object.keys(await unzipped(await get(query))).sort()).toEqual(['x (2) (2).txt/', 'x (2).txt', 'x.txt']);
  });

  it('has room for a folder with very many things in it', async () => {
    const many = await makeFolder(desktop, 'many');
    for (let start = 0; start < 300; start += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, i) => makeFolder(desktop, `f${start + i}`, many.id)));
    }
    await desktop.upload('last.txt', 'x', many.id);
    expect(Object.keys(await unzipped(await get(`folder=${many.id}`)))).toHaveLength(302);
  });

  it('that meets a damaged content breaks off, and never ends as if it were whole', async () => {
    const bad = 'b'.repeat(300_000);
    const folder = await makeFolder(desktop, 'damaged');
    await desktop.upload('a.txt', 'fine', folder.id);
    await desktop.upload('b.txt', bad, folder.id);
    const path = blobPath(server.data_dir, bad);
    await chmod(path, 0o644);
    await writeFile(path, `c${bad.slice(1)}`);
    const response = await get(`folder=${folder.id}`);
    await expect(response.arrayBuffer()).rejects.toThrow();
    // The server stands.
    expect((await get(`file=${(await desktop.upload('ok', 'x')).id}`)).status).toBe(200);
  });

  it('of nothing, or under an unsafe name, is refused', async () => {
    const file = await desktop.upload('n.txt', 'x');
    expect(await errorOf(await get('name=x.zip'))).toMatchObject({ code: 'HANABI-V008' });
    expect(await errorOf(await get(`name=${encodeURIComponent('../x')}&file=${file.id}`))).toMatchObject({
      code: 'HANABI-F005',
    });
    expect(await errorOf(await get('folder=nonsense'))).toMatchObject({ code: 'HANABI-F001' });
  });
});
