import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, nat, record } from 'fast-check';
import { HanabiError } from '@hanabi/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { generateKey, pack, packageFiles, requireSameKey, unpack, validatePackage } from '../src/index.ts';
import { moduleFolder } from './harness/module-folder.ts';
import { zip } from './harness/zip-bytes.ts';

const root = mkdtempSync(join(tmpdir(), 'hanabi-pack-'));
let count = 0;
const fresh = () => join(root, String((count += 1)));
afterAll(() => rmSync(root, { recursive: true }));

const tiers = ['small'];

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'it went through',
    (error: unknown) => (error instanceof HanabiError ? `${error.code} ${error.message}` : String(error)),
  );
}

describe('pack', () => {
  it('gives the same bytes for the same files, whenever and wherever', async () => {
    const files = { 'ui/zebra.js': 'z', 'ui/a.js': 'a', 'README.md': 'read me', 'ui/b/ñ.txt': 'n' };
    const first = moduleFolder(fresh(), {}, files);
    const second = moduleFolder(fresh(), {}, Object.fromEntries(Object.entries(files).toReversed()));
    utimesSync(join(second, 'README.md'), 1, 1);
    const packed = await pack(first, fresh());
    const again = fresh();
    expect(await pack(second, again)).toEqual(packed);
    expect(createHash('sha256').update(readFileSync(again)).digest('hex')).toBe(packed.sha256);
    expect(packed.files).toBe(6);
  });

  // Three processes that each start from nothing: on a busy machine that takes a while.
  it('gives the same bytes in every time zone', { timeout: 60_000 }, () => {
    const dir = moduleFolder(fresh());
    const script = `import { pack } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
      console.log((await pack(${JSON.stringify(dir)}, ${JSON.stringify(fresh())})).sha256);`;
    const shas = ['UTC', 'Asia/Tokyo', 'America/St_Johns'].map((TZ) => {
      const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        env: { ...process.env, TZ },
        encoding: 'utf8',
      });
      return run.stdout.trim() || run.stderr;
    });
    expect(shas[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(shas).size).toBe(1);
  });

  it('leaves out what systems and tools leave behind', async () => {
    const junk = [
      '.git/config',
      'node_modules/x/index.js',
      '.DS_Store',
      'ui/Thumbs.db',
      '__pycache__/a.pyc',
      'worker/b.pyc',
    ];
    const dir = moduleFolder(fresh(), {}, Object.fromEntries(junk.map((path) => [path, 'junk'])));
    const target = fresh();
    await pack(dir, target);
    const unpacked = fresh();
    await unpack(target, unpacked);
    expect((await packageFiles(unpacked)).map(({ path }) => path)).toEqual(['hanabi.module.json', 'ui/index.html']);
    for (const path of junk) expect(existsSync(join(unpacked, path))).toBe(false);
  });

  it.each([
    ['.env', 'SECRET=1', /HANABI-V019.*secret/],
    ['ui/.env.local', 'SECRET=1', /HANABI-V019.*secret/],
    ['notes.txt', 'x\n-----BEGIN EC PRIVATE KEY-----\n', /HANABI-V019.*private key/],
    ['worker/tool', Buffer.from('7f454c46020101000000', 'hex'), /HANABI-V019.*Linux program/],
    ['ui/CON', 'x', /HANABI-V016.*Windows reserves/],
    ['ui/Index.html', 'x', /HANABI-V017.*differ only in case/],
  ])('refuses %s', async (path, content, reason) => {
    const dir = moduleFolder(fresh(), {}, { [path]: content });
    const target = fresh();
    expect(await refusal(pack(dir, target))).toMatch(reason);
    expect(existsSync(target)).toBe(false);
  });

  it('refuses links', async () => {
    const dir = moduleFolder(fresh());
    symlinkSync('/etc', join(dir, 'ui/etc'));
    expect(await refusal(pack(dir, fresh()))).toMatch(/HANABI-V018.*ui\/etc/);
  });
});

describe('unpack', () => {
  it('takes what Python and zip programs make: folders, deflated, with descriptors', async () => {
    const dir = moduleFolder(fresh(), {}, { 'ui/long.js': '// a comment\n'.repeat(500) });
    const target = fresh();
    const made = spawnSync('python3', ['-c', PYTHON_ZIP, dir, target], { encoding: 'utf8' });
    expect(made.stderr).toBe('');
    const unpacked = fresh();
    await unpack(target, unpacked);
    expect(readFileSync(join(unpacked, 'ui/long.js'), 'utf8')).toHaveLength(6500);
    expect((await validatePackage(unpacked, { tiers })).problems).toEqual([]);
  });

  it('does not replace what is there', async () => {
    const target = fresh();
    await pack(moduleFolder(fresh()), target);
    const taken = fresh();
    mkdirSync(taken);
    writeFileSync(join(taken, 'mine'), 'mine');
    await expect(unpack(target, taken)).rejects.toThrow(/ENOTEMPTY|EEXIST/);
    expect(readFileSync(join(taken, 'mine'), 'utf8')).toBe('mine');
  });

  it('takes a changed package as it is meant, or refuses it', async () => {
    const whole = zip([
      { name: 'a.txt', data: 'some text, some text', method: 8 },
      { name: 'b/c.txt', data: 'more' },
    ]);
    const change = record({ at: nat(whole.length - 1), to: nat(255) });
    await assert(
      asyncProperty(array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, to } of changes) bytes[at] = to;
        const file = fresh();
        writeFileSync(file, bytes);
        const dir = `${file}-unpacked`;
        const outcome = await refusal(unpack(file, dir));
        if (outcome !== 'it went through') {
          expect(outcome).toMatch(/^HANABI-V01[3-9]/);
          expect(existsSync(dir)).toBe(false);
        } else {
          const texts = (await packageFiles(dir)).map(({ source }) => readFileSync(source, 'utf8')).toSorted();
          expect(texts).toEqual(['more', 'some text, some text']);
        }
        rmSync(dir, { recursive: true, force: true });
      }),
      { numRuns: 300 },
    );
  });
});

const PYTHON_ZIP = `
import os, sys, zipfile
class Pipe:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
with open(sys.argv[2], "wb") as out, zipfile.ZipFile(Pipe(out), "w", zipfile.ZIP_DEFLATED) as archive:
    for folder, folders, files in os.walk(sys.argv[1]):
        for name in folders + files:
            path = os.path.join(folder, name)
            archive.write(path, os.path.relpath(path, sys.argv[1]))
`;

async function unpackedFrom(dir: string, privatePem?: string): Promise<string> {
  const target = fresh();
  await pack(dir, target, privatePem);
  const unpacked = fresh();
  await unpack(target, unpacked);
  return unpacked;
}

describe('a signature', () => {
  const key = generateKey();

  it('travels with the files and names its key', async () => {
    const dir = await unpackedFrom(moduleFolder(fresh()), key.private_pem);
    expect(await validatePackage(dir, { tiers })).toMatchObject({ ok: true, public_key: key.public_key });
    // Packing it again, by whomever, keeps it.
    const again = await unpackedFrom(dir);
    expect(await validatePackage(again, { tiers })).toMatchObject({ ok: true, public_key: key.public_key });
    const other = generateKey();
    const resigned = await unpackedFrom(dir, other.private_pem);
    expect(await validatePackage(resigned, { tiers })).toMatchObject({ ok: true, public_key: other.public_key });
  });

  it.each([
    ['a changed file', { 'ui/index.html': '<!doctype html><title>Evil</title>' }, /changed after signing/],
    ['a new file', { 'ui/evil.js': 'evil' }, /changed after signing/],
    ['no JSON', { 'hanabi.signature.json': '{' }, /hanabi.signature.json/],
    ['other fields', { 'hanabi.signature.json': '{"algorithm": "none"}' }, /has not the fields/],
  ])('does not fit %s', async (_, files, reason) => {
    const dir = await unpackedFrom(moduleFolder(fresh()), key.private_pem);
    for (const [path, text] of Object.entries(files)) writeFileSync(join(dir, path), text);
    const { ok, problems, public_key } = await validatePackage(dir, { tiers });
    expect(ok).toBe(false);
    expect(public_key).toBeUndefined();
    expect(problems).toContainEqual(
      expect.objectContaining({ code: 'HANABI-V020', message: expect.stringMatching(reason) }),
    );
  });

  it('of somebody else does not pass for this key', async () => {
    const dir = await unpackedFrom(moduleFolder(fresh()), generateKey().private_pem);
    const file = join(dir, 'hanabi.signature.json');
    const signature = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...signature, public_key: key.public_key }));
    const { problems } = await validatePackage(dir, { tiers });
    expect(problems).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching(/not made with the key/) }),
    );
  });

  it('stays with the same key', async () => {
    const other = generateKey().public_key;
    expect(() => requireSameKey(key.public_key, key.public_key)).not.toThrow();
    expect(() => requireSameKey(undefined, other)).not.toThrow();
    expect(() => requireSameKey(key.public_key, other)).toThrow(/another key/);
    expect(() => requireSameKey(key.public_key, undefined)).toThrow(/was signed/);
    expect(await refusal(pack(moduleFolder(fresh()), fresh(), 'no key'))).toMatch(/HANABI-V020.*PEM/);
  });
});
