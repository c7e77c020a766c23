import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManifestInput } from '@hanabi/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { describeProblem, lookAlike, validatePackage, type PythonCheck } from '../src/index.ts';
import { moduleFolder } from './harness/module-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'hanabi-validate-'));
let count = 0;
afterAll(() => rmSync(root, { recursive: true }));

const tiers = ['small', 'standard', 'large', 'media'];
const checkPython: PythonCheck = () => Promise.resolve({ ok: true, problems: [] });

const findsAProblem: PythonCheck = (python) =>
  Promise.resolve({ ok: true, problems: [{ path: python[0]!.path, line: 1, message: 'invalid syntax' }] });

type Files = Record<string, string | Buffer>;

const page = (script: string): Files => ({ 'ui/main.js': script });

async function problemsOf(manifest: Partial<ManifestInput>, files: Files = {}): Promise<string[]> {
  const dir = moduleFolder(join(root, String((count += 1))), manifest, files);
  const others = [{ id: 'image-viewer', name: 'Image Viewer' }];
  const { problems } = await validatePackage(dir, { tiers, others, checkPython });
  return problems.map(describeProblem);
}

describe('what refuses a package', () => {
  const worker = {
    entrypoints: { ui: 'ui/index.html', worker: 'worker/main.py' },
    permissions: ['worker.execute' as const],
  };

  it.each<[string, Partial<ManifestInput>, Files, RegExp]>([
    ['no manifest field', { version: 'one' }, {}, /V005 version/],
    [
      'a missing page',
      { entrypoints: { ui: 'ui/other.html' } },
      {},
      /V021 entrypoints.ui: there is no file ui\/other.html/,
    ],
    [
      'a page that is none',
      { entrypoints: { ui: 'ui/a.js' } },
      { 'ui/a.js': '' },
      /V021 entrypoints.ui: ui\/a.js is no HTML page/,
    ],
    [
      'a worker that is no Python',
      { ...worker, entrypoints: { ui: 'ui/index.html', worker: 'worker/main.sh' } },
      { 'worker/main.sh': '', 'tests/sample-inputs/a': '' },
      /is no Python file/,
    ],
    ['no sample inputs', worker, { 'worker/main.py': 'def run(): pass' }, /V021 tests\/sample-inputs/],
    ['a reserved id', { id: 'hanabi-tools' }, {}, /V005 id: "hanabi-" is reserved/],
    ['an id like another', { id: 'irnage-viewer', name: 'Pictures' }, {}, /V005 id: looks like "image-viewer"/],
    ['a name like another', { name: 'lmage Viewer' }, {}, /V005 name: looks like "Image Viewer"/],
    ['a name in other letters', { name: 'Іmage Viewer' }, {}, /V005 name: looks like "Image Viewer"/],
    ['the very name', { name: 'Image Viewer' }, {}, /V005 name: looks like/],
    [
      'a field twice',
      {},
      { 'hanabi.module.json': '{"id": "a", "id": "b"}' },
      /V005 hanabi.module.json: has the field "id" twice/,
    ],
    [
      'a field twice, escaped',
      {},
      { 'hanabi.module.json': String.raw`{"id": "a", "\u0069d": "b"}` },
      /has the field "id" twice/,
    ],
    ['a dangerous field', {}, { 'hanabi.module.json': '{"__proto__": {"id": "b"}}' }, /has a field "__proto__"/],
    ['a deep nest', {}, { 'hanabi.module.json': '['.repeat(100_000) }, /nested more than/],
    ['a byte order mark', {}, { 'hanabi.module.json': '\ufeff{}' }, /byte order mark/],
    ['bytes that are no text', {}, { 'hanabi.module.json': Buffer.from([0x7b, 0xff, 0x7d]) }, /not valid UTF-8/],
    ['no JSON', {}, { 'hanabi.module.json': '{' }, /V005 hanabi.module.json: .*JSON/],
    ['a secret', {}, { 'worker/.env': '' }, /V019 worker\/.env/],
  ])('%s', async (_, manifest, files, expected) => {
    const problems = await problemsOf(manifest, files);
    expect(problems.filter((problem) => problem.startsWith('HANABI-')).join('\n')).toMatch(expected);
  });

  it('a manifest that lies deeper, with a hint', async () => {
    const dir = join(root, String((count += 1)));
    moduleFolder(join(dir, 'my-module'));
    const { problems } = await validatePackage(dir, { tiers });
    expect(problems.map(describeProblem)).toEqual([
      'HANABI-V005 hanabi.module.json: it must stand at the root, not at my-module/hanabi.module.json',
    ]);
  });

  it('a worker that does not parse, as the sandbox says', async () => {
    const files = { 'worker/main.py': 'def run(:', 'tests/sample-inputs/a': '' };
    const dir = moduleFolder(join(root, String((count += 1))), worker, files);
    const report = await validatePackage(dir, { tiers, checkPython: findsAProblem });
    expect(report.problems.map(describeProblem)).toContain('HANABI-V021 worker/main.py:1: invalid syntax');
    const unchecked = await validatePackage(dir, { tiers });
    expect(unchecked.ok).toBe(true);
    expect(unchecked.problems.map(describeProblem).join('\n')).toMatch(/scan.incomplete.*no sandbox/);
  });
});

describe('what a reviewer is told', () => {
  const reads = { permissions: ['files.read' as const] };

  it.each<[string, Partial<ManifestInput>, Files, RegExp]>([
    ['eval', {}, page('\nconst x = eval("1")'), /code.eval ui\/main.js:2: eval/],
    ['new Function', {}, page('new Function("return 1")()'), /code.eval/],
    ['a timer with text', {}, page('setTimeout("x()", 1)'), /code.eval/],
    ['a computed import', {}, page('import(name)'), /code.eval/],
    ['exec in Python', {}, { 'worker/a.py': 'exec(data)' }, /code.eval worker\/a.py:1/],
    ['processes in Python', {}, { 'worker/a.py': 'import subprocess' }, /code.process/],
    [
      'a remote script',
      {},
      { 'ui/index.html': '<script src="https://cdn.example/x.js"></script>' },
      /url.remote ui\/index.html:1: https:\/\/cdn.example\/x.js/,
    ],
    [
      'a remote script without scheme',
      {},
      { 'ui/index.html': '<script src="//cdn.example/x.js"></script>' },
      /url.remote/,
    ],
    [
      'a file that is missing',
      {},
      { 'ui/index.html': '<script src="gone.js"></script>' },
      /page.missing ui\/index.html:1: there is no file ui\/gone.js/,
    ],
    ['a frame', {}, { 'ui/index.html': '<iframe src="blob:x"></iframe>' }, /page.blocked/],
    ['storage', {}, page('localStorage.setItem("a", 1)'), /page.blocked/],
    ['minified code', {}, page(`let a;${'a();'.repeat(400)}`), /code.minified ui\/main.js:1/],
    ['hidden text', {}, page('const admin = "user\u202e"'), /text.invisible/],
    ['letters of two scripts', {}, { 'ui/\u0430dmin.js': '' }, /name.look-alike ui\/\u0430dmin.js/],
    [
      'an undeclared message',
      {},
      page("call('HANABI_READ_FILE')"),
      /message.undeclared ui\/main.js:1: HANABI_READ_FILE needs "files.read"/,
    ],
    [
      'an undeclared method',
      {},
      page("import { createHanabiClient } from 'x';\nhanabi.fs.list()"),
      /message.undeclared ui\/main.js:2: HANABI_FS_LIST needs one of/,
    ],
    ['an unknown message', {}, page("call('HANABI_READ_EVERYTHING')"), /message.unknown/],
    [
      'a permission nobody needs',
      reads,
      page("call('HANABI_READY')"),
      /permission.unused permissions\[0\]: nothing in the package needs "files.read"/,
    ],
    [
      'code that is no text',
      {},
      { 'ui/main.js': Buffer.from([0xff, 0xfe]) },
      /scan.incomplete ui\/main.js: is not UTF-8/,
    ],
  ])('%s', async (_, manifest, files, expected) => {
    expect((await problemsOf(manifest, files)).map((problem) => problem.replace(/^warning /, '')).join('\n')).toMatch(
      expected,
    );
  });

  it('nothing where there is nothing to say', async () => {
    const files = {
      'ui/index.html': '<!doctype html>\n<script type="module" src="./main.js"></script>\n<a href="#x">x</a>',
      'ui/main.js':
        "call('HANABI_READ_FILE', {});\naddEventListener('message', ({ data }) => data.type === 'HANABI_READ_FILE_RESULT');\nfetch('https://api.example.com/x');\nconst retrieval = medieval(1);",
      'ui/lantern.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    };
    const dependencies = { services: ['https://api.example.com'] };
    expect(await problemsOf({ permissions: ['files.read', 'network.fetch'], dependencies }, files)).toEqual([]);
  });

  it('nothing of a service that uses what it asks for', async () => {
    const files = {
      'service/main.py': 'def tick(ctx):\n    ctx.files.list()\n    ctx.http.get("https://api.example.com/x")\n',
    };
    const manifest: Partial<ManifestInput> = {
      entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
      permissions: ['worker.service', 'files.read', 'network.fetch'],
      dependencies: { services: ['https://api.example.com'] },
    };
    expect(await problemsOf(manifest, files)).toEqual([]);
  });

  it('not more than anybody reads', async () => {
    const problems = await problemsOf({}, page('eval(1)\n'.repeat(1000)));
    expect(problems).toHaveLength(301);
    expect(problems.at(-1)).toMatch(/1000 findings/);
  });
});

describe('the modules of the house', () => {
  const house = join(import.meta.dirname, '../../..');
  const dirs = ['modules', 'examples/modules'].flatMap((place) =>
    readdirSync(join(house, place)).map((name) => join(house, place, name)),
  );

  it.each(dirs)('%s is valid and says nothing odd', async (dir) => {
    const { ok, problems } = await validatePackage(dir, { tiers, checkPython });
    expect(problems.map(describeProblem)).toEqual([]);
    expect(ok).toBe(true);
  });
});

describe('lookAlike', () => {
  it.each([
    ['paypal', 'paypa1'],
    ['modern', 'modem'],
    ['image-viewer', 'imageviewer'],
    ['notes', 'nоtes'],
    ['cafe', 'café'],
  ])('%s and %s', (a, b) => expect(lookAlike(a, [b])).toBe(b));

  it('not of different names, nor of the very same', () => {
    expect(lookAlike('notes', ['nodes', 'votes', 'notes'])).toBeUndefined();
  });
});
