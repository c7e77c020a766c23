/** The Python libraries of modules, from an index on loopback to the import in a job. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createLibraries, type Libraries, type LibrarySettings } from '../src/index.ts';
import { startIndex, type TestIndex, type TestWheel } from './package-index/package-index.ts';
import { describeSandboxed, isRoot, jobOf, runJob, withSandbox } from './test-sandbox.ts';

const WHEELS: TestWheel[] = [
  {
    name: 'alpha',
    version: '1.0',
    requires: ['beta>=1', 'gamma; extra == "more"', 'nothing; python_version < "3"'],
    extras: ['more'],
    files: { 'alpha.py': 'VALUE = "alpha 1"\n' },
  },
  { name: 'beta', version: '1.0', files: { 'beta/__init__.py': 'VALUE = "beta 1"\n', 'beta/data.txt': 'x' } },
  { name: 'beta', version: '2.0', files: { 'beta/__init__.py': 'VALUE = "beta 2"\n' } },
  { name: 'gamma', version: '1.0', files: { 'gamma.py': 'VALUE = "gamma 1"\n' } },
  { name: 'old-beta', version: '1.0', requires: ['beta<2'], files: { 'old_beta.py': '' } },
  { name: 'new-beta', version: '1.0', requires: ['beta>=2'], files: { 'new_beta.py': '' } },
  { name: 'taken-back', version: '1.0', files: { 'taken_back.py': 'VALUE = 1\n' } },
  { name: 'taken-back', version: '2.0', files: { 'taken_back.py': 'VALUE = 2\n' } },
  {
    name: 'starter',
    version: '1.0',
    files: { 'starter.py': 'VALUE = 0\n', 'starter.pth': 'import beta\n', 'sitecustomize.py': 'import nowhere\n' },
  },
  { name: 'clash', version: '1.0', files: { 'gamma.py': 'VALUE = "not gamma"\n' } },
  {
    name: 'placed',
    version: '1.0',
    files: { 'placed-1.0.data/purelib/placed.py': 'VALUE = 1\n', 'placed-1.0.data/scripts/placed': '#!python\n' },
  },
];

const evil = (name: string, changes: Partial<TestWheel>): TestWheel => ({ name, version: '1.0', ...changes });

/** Each with the words that its author is told. */
const HOSTILE: [TestWheel, string][] = [
  [evil('climbs', { files: { '../evil.py': '' } }), '"../evil.py" leads elsewhere'],
  [evil('climbs-late', { files: { 'a/../../evil.py': '' } }), 'leads elsewhere'],
  [evil('climbs-from-data', { files: { 'climbs_from_data-1.0.data/purelib/../../x': '' } }), 'leads elsewhere'],
  [evil('is-absolute', { files: { '/tmp/evil.py': '' } }), '"/tmp/evil.py" is no relative path'],
  [evil('has-backslashes', { files: { 'a\\..\\evil.py': '' } }), 'is no relative path'],
  [evil('has-a-link', { links: { 'lib.py': '/etc/passwd' } }), '"lib.py" is a link or a special file'],
  [evil('says-it-twice', { files: { 'a.py': 'A = 1' }, twice: ['a.py'] }), '"a.py" stands in it twice'],
  [evil('lies', { files: { 'a.py': 'A = 1' }, lies: ['a.py'] }), '"a.py" does not have the hash that RECORD lists'],
  [evil('hides', { files: { 'a.py': 'A = 1' }, unlisted: ['a.py'] }), 'RECORD has no hash of "a.py"'],
  [evil('boasts', { listed: ['b.py'] }), 'RECORD lists "b.py", which is not there'],
  [evil('stacks', { files: { a: '', 'a/b.py': '' } }), '"a/b.py" lies below a file'],
  [evil('impersonates', { files: { 'other-1.0.dist-info/METADATA': '' } }), 'multiple .dist-info directories found'],
];

const refusalOf = (made: Libraries, ...requirements: string[]) =>
  made.prepare(requirements).then(
    () => undefined,
    (error: unknown) => error,
  );

describeSandboxed('the libraries of a module', () => {
  const test = withSandbox();
  let index: TestIndex;
  let libraries: Libraries;
  const opened: Libraries[] = [];

  /** A supervisor that starts on the same data. */
  async function open(changes: Partial<LibrarySettings> = {}): Promise<Libraries> {
    const made = await createLibraries({
      store_dir: join(test.folder, 'store'),
      work_dir: join(test.folder, `builds-${opened.length}`),
      index_url: index.url,
      system_packages: false,
      ...changes,
    });
    opened.push(made);
    return made;
  }

  beforeAll(async () => {
    index = await startIndex();
    index.add([...WHEELS, ...HOSTILE.map(([wheel]) => wheel)]);
    index.addSource('built', '1.0');
    libraries = await open();
  });
  afterAll(async () => {
    await Promise.all(opened.map((made) => made.close()));
    await index.close();
  });
  afterEach(() => {
    Object.assign(index, { format: 'html', login: undefined, files_at: '../../files/' });
    index.tampered.clear();
    index.yanked.clear();
    index.asked.length = 0;
  });

  /** What a worker finds that imports these names. */
  async function importing(layer_dir: string | undefined, ...names: string[]) {
    const { files, error } = await runJob(
      test.sandbox,
      jobOf('imports_what_it_is_told', { layer_dir, options: { names } }),
    );
    if (error) throw error;
    return JSON.parse(files['values.json']!.toString()) as {
      values: Record<string, unknown>;
      path: string[];
      modules: string[];
    };
  }

  it.each(['html', 'json'] as const)(
    'come with what they require, extras included, from pages of %s',
    async (format) => {
      index.format = format;
      const fresh = await open({ store_dir: join(test.folder, `store-${format}`) });
      const { layer_dir, lock } = await fresh.prepare(['alpha[more] >= 1.0', "absent; sys_platform == 'win32'"]);
      expect(lock.wheels.map(({ name, version }) => `${name} ${version}`)).toEqual([
        'alpha 1.0',
        'beta 2.0',
        'gamma 1.0',
      ]);
      expect(lock.wheels[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
      const { values, path } = await importing(layer_dir, 'alpha', 'beta', 'gamma');
      expect(values).toEqual({ alpha: 'alpha 1', beta: 'beta 2', gamma: 'gamma 1' });
      expect(path.at(-1)).toBe('/deps');
      expect(path).not.toContain('/usr/lib/python3/dist-packages');
    },
  );

  it('are all that a worker imports: an extra that it did not name is missing, as is everything undeclared', async () => {
    const { layer_dir, lock } = await libraries.prepare(['alpha']);
    expect(lock.wheels.map(({ name }) => name)).toEqual(['alpha', 'beta']);
    for (const name of ['gamma', 'PIL', 'yaml']) {
      const job = jobOf('imports_what_it_is_told', { layer_dir, options: { names: [name] } });
      const { error } = await runJob(test.sandbox, job);
      expect(error?.message).toContain(`No module named '${name}'`);
      expect(error?.log).toContain('workers/imports_what_it_is_told.py');
    }
  });

  it('are the worker’s to read and not to change', async () => {
    const { layer_dir } = await libraries.prepare(['alpha']);
    const { files } = await runJob(test.sandbox, jobOf('writes_into_its_libraries', { layer_dir }));
    expect(files['found.txt']!.toString()).toMatch(
      /^\{'\/deps\/left.txt': 'Read-only[^}]*'(Read-only file system|Permission denied)'\}$/,
    );
  });

  it('need no index a second time, not even after a restart', async () => {
    const first = await libraries.prepare(['alpha']);
    index.asked.length = 0;
    const restarted = await open({ index_url: 'http://127.0.0.1:9/simple/' });
    expect(await restarted.prepare(['alpha '])).toEqual(first);
    expect((await importing(first.layer_dir, 'alpha')).values).toEqual({ alpha: 'alpha 1' });
    expect(index.asked).toEqual([]);
  });

  it('lie on the disk once, however many modules ask for them and in whichever words', async () => {
    const [one, same, other] = await Promise.all([
      libraries.prepare(['gamma', 'beta==1.0']),
      libraries.prepare(['beta==1.0', 'gamma']),
      libraries.prepare(['beta<2', 'gamma>=1']),
    ]);
    expect(same).toEqual(one);
    expect(other.layer_dir).toBe(one.layer_dir);
    expect(other.lock.requirements).not.toEqual(one.lock.requirements);
  });

  it('do not run when a job starts, whatever lies beside them', async () => {
    const { layer_dir } = await libraries.prepare(['starter', 'beta']);
    expect(existsSync(join(layer_dir, 'starter.pth'))).toBe(true);
    const { modules } = await importing(layer_dir, 'starter');
    expect(modules).not.toContain('beta');
    expect(modules).not.toContain('site');
  });

  it('are laid out as the wheel says, without its scripts, and are compiled', async () => {
    const { layer_dir } = await libraries.prepare(['placed']);
    expect((await readdir(layer_dir)).sort()).toEqual(['__pycache__', 'placed-1.0.dist-info', 'placed.py']);
    expect(await readdir(join(layer_dir, '__pycache__'))).toHaveLength(1);
  });

  it('are not a version that was taken back', async () => {
    index.yanked.add('taken_back-2.0-py3-none-any.whl');
    const { lock } = await libraries.prepare(['taken-back']);
    expect(lock.wheels[0]!.version).toBe('1.0');
  });

  it('are refused when their bytes are not those that the index announces', async () => {
    index.tampered.add('gamma-1.0-py3-none-any.whl');
    const fresh = await open({ store_dir: join(test.folder, 'store-tampered') });
    expect(await refusalOf(fresh, 'gamma')).toMatchObject({
      code: 'HANABI-W018',
      message: expect.stringMatching(/gamma-1\.0-py3-none-any\.whl does not have the hash/),
    });
    expect(readdirSync(join(test.folder, 'store-tampered', 'layers'))).toEqual([]);
  });

  it('are never built from source', async () => {
    expect(await refusalOf(libraries, 'built')).toMatchObject({
      code: 'HANABI-W018',
      message: expect.stringContaining('the index has built only as source'),
    });
    expect(index.asked.filter((path) => path.endsWith('.tar.gz'))).toEqual([]);
  });

  it('say who wants what when two of them contradict each other', async () => {
    const error = await refusalOf(libraries, 'old-beta', 'new-beta');
    expect(error).toMatchObject({ code: 'HANABI-W018' });
    for (const words of ['old-beta 1.0 depends on beta<2', 'new-beta 1.0 depends on beta>=2']) {
      expect((error as Error).message).toContain(words);
    }
  });

  it('say which versions there are when none fits', async () => {
    expect(await refusalOf(libraries, 'beta>=3')).toMatchObject({
      message: expect.stringContaining('beta>=3 (from versions: 1.0, 2.0)'),
    });
    expect(await refusalOf(libraries, 'no-such-thing')).toMatchObject({
      message: expect.stringContaining('no-such-thing (from versions: none)'),
    });
  });

  it('are not looked for again at once when they could not be had', async () => {
    const first = await refusalOf(libraries, 'beta>=4');
    index.asked.length = 0;
    expect(await refusalOf(libraries, 'beta>=4')).toBe(first);
    expect(index.asked).toEqual([]);
  });

  it.each(HOSTILE)('come in no hostile wheel: $name', async ({ name }, words) => {
    const error = await refusalOf(libraries, name);
    expect(error).toMatchObject({ code: 'HANABI-W018', message: expect.stringContaining(words) });
    expect(existsSync('/tmp/evil.py')).toBe(false);
    for (const layer of readdirSync(join(test.folder, 'store', 'layers'))) {
      expect(readdirSync(join(test.folder, 'store', 'layers', layer))).not.toContain('evil.py');
    }
  });

  it('do not overwrite each other', async () => {
    expect(await refusalOf(libraries, 'gamma', 'clash')).toMatchObject({
      message: expect.stringContaining('another library has a different "gamma.py"'),
    });
  });

  it.each(['-r /etc/passwd', '--index-url=http://127.0.0.1:9', 'alpha @ http://127.0.0.1:9/a.whl', './alpha', ''])(
    'are named, not addressed: "%s"',
    async (text) => {
      expect(await refusalOf(libraries, text)).toMatchObject({ message: expect.stringContaining('not a requirement') });
    },
  );

  it('come from nowhere else, whatever the index links to', async () => {
    index.files_at = `http://localhost:${new URL(index.url).port}/files/`;
    const fresh = await open({ store_dir: join(test.folder, 'store-elsewhere') });
    expect(await refusalOf(fresh, 'gamma')).toMatchObject({ message: expect.stringContaining('without https') });
    expect(index.asked).toEqual(['/simple/gamma/']);
  });

  it('come from an index that asks for a password, which stays secret', async () => {
    index.login = 'reader:p%ss w/rd';
    const url = new URL(index.url);
    url.username = 'reader';
    url.password = 'p%25ss w/rd';
    const store_dir = join(test.folder, 'store-login');
    const fresh = await open({ store_dir, index_url: url.href });
    const { lock } = await fresh.prepare(['gamma']);
    expect(JSON.stringify(lock)).not.toContain('rd');
    index.login = 'reader:another';
    const error = await refusalOf(fresh, 'beta');
    expect(error).toMatchObject({ message: expect.stringContaining('answered 401') });
    expect((error as Error).message).not.toContain('reader');
  });

  it('say that the index cannot be reached', async () => {
    const fresh = await open({ store_dir: join(test.folder, 'store-away'), index_url: 'http://127.0.0.1:9/simple/' });
    expect(await refusalOf(fresh, 'gamma')).toMatchObject({
      message: expect.stringMatching(/http:\/\/127\.0\.0\.1:9 cannot be reached/),
    });
  });

  it('are fetched again as they were locked when the layer is lost, and only so', async () => {
    const store_dir = join(test.folder, 'store-lost');
    const before = await (await open({ store_dir })).prepare(['beta<2']);
    const loseLayer = () => rmSync(before.layer_dir, { recursive: true });
    loseLayer();
    index.add([{ name: 'beta', version: '1.5', files: { 'beta/__init__.py': 'VALUE = "newer"\n' } }]);
    expect(await (await open({ store_dir })).prepare(['beta<2'])).toEqual(before);
    expect((await importing(before.layer_dir, 'beta')).values).toEqual({ beta: 'beta 1' });
    loseLayer();
    index.tampered.add('beta-1.0-py3-none-any.whl');
    expect(await refusalOf(await open({ store_dir }), 'beta<2')).toMatchObject({
      message: expect.stringContaining('does not have the hash'),
    });
  });

  it('are collected when no module needs them any more', async () => {
    const store_dir = join(test.folder, 'store-collected');
    const patient = await open({ store_dir });
    const needed = await patient.prepare(['beta<2']);
    const needless = await patient.prepare(['gamma']);
    await patient.collect([['beta<2']]);
    expect(existsSync(needless.layer_dir)).toBe(true);
    const impatient = await open({ store_dir, grace_ms: 0 });
    await impatient.collect([['beta<2'], ['never prepared']]);
    expect([existsSync(needed.layer_dir), existsSync(needless.layer_dir)]).toEqual([true, false]);
    expect(readdirSync(join(store_dir, 'locks'))).toHaveLength(1);
  });
});

describeSandboxed('libraries that the machine’s Python has', () => {
  const test = withSandbox();
  const opened: Libraries[] = [];
  afterAll(() => Promise.all(opened.map((made) => made.close())));

  async function open(changes: Partial<LibrarySettings>): Promise<Libraries> {
    const made = await createLibraries({
      store_dir: join(test.folder, 'store'),
      work_dir: join(test.folder, `builds-${opened.length}`),
      index_url: undefined,
      system_packages: true,
      ...changes,
    });
    opened.push(made);
    return made;
  }

  it('satisfy a requirement, and come alone', async () => {
    const { layer_dir, lock } = await (await open({})).prepare(['Pillow>=9.0']);
    expect(lock.wheels).toEqual([]);
    expect(lock.system.map(({ name }) => name)).toEqual(['pillow']);
    const pillow = await runJob(test.sandbox, jobOf('imports_pillow', { layer_dir }));
    expect(pillow.files['size.txt']?.toString()).toBe('(3, 4)');
    const job = jobOf('imports_what_it_is_told', { layer_dir, options: { names: ['pip'] } });
    expect((await runJob(test.sandbox, job)).error?.message).toContain("No module named 'pip'");
  });

  it('say their version when it does not fit', async () => {
    const error = await (await open({})).prepare(['pillow>=999']).catch((refusal: unknown) => refusal);
    expect((error as Error).message).toMatch(/pillow>=999.*this machine has pillow \d.*no package index is configured/);
  });

  it('count for nothing when the operator says so, also those that were locked before', async () => {
    await (await open({})).prepare(['Pillow>=9.0']);
    const error = await (await open({ system_packages: false }))
      .prepare(['Pillow>=9.0'])
      .catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ code: 'HANABI-W018' });
    expect((error as Error).message).not.toContain('this machine has');
  });

  it('stand beside wheels, which come first', async () => {
    const index = await startIndex();
    try {
      index.add([
        { name: 'painter', version: '1.0', requires: ['pillow'], files: { 'painter.py': 'import PIL.Image\n' } },
      ]);
      const { layer_dir, lock } = await (await open({ index_url: index.url })).prepare(['painter']);
      expect(lock.wheels.map(({ name }) => name)).toEqual(['painter']);
      expect(lock.system.map(({ name }) => name)).toEqual(['pillow']);
      const job = jobOf('imports_what_it_is_told', { layer_dir, options: { names: ['painter', 'PIL'] } });
      expect((await runJob(test.sandbox, job)).error).toBeUndefined();
    } finally {
      await index.close();
    }
  });
});

describeSandboxed('libraries on machines that have less', () => {
  const LAUNCHERS: Record<string, string[]> = {
    'with a tight umask and a closed folder': ['/bin/sh', '-c', 'umask 077; exec "$@"', 'sh'],
    'without root': ['/usr/bin/setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups'],
  };

  it.runIf(isRoot).each(Object.entries(LAUNCHERS))('are prepared and imported %s', async (_, launcher) => {
    const folder = await mkdtemp(join(tmpdir(), 'hanabi-libraries-test-'));
    const index = await startIndex();
    try {
      if (launcher.includes('12345')) await chown(folder, 12_345, 12_345);
      index.add(WHEELS);
      const script = fileURLToPath(new URL('prepares-libraries.ts', import.meta.url));
      const command = [...launcher, process.execPath, '--import', 'tsx', script, folder, index.url, 'alpha', 'alpha'];
      const { stdout } = await promisify(execFile)(command[0]!, command.slice(1), {
        cwd: import.meta.dirname,
        // tsx keeps what it compiled.
        env: { PATH: process.env['PATH'], TMPDIR: folder },
      });
      expect(stdout).toBe("{ alpha: 'alpha 1' }\n");
    } finally {
      await index.close();
      await rm(folder, { recursive: true });
    }
  });
});
