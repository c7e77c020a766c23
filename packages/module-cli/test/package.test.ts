/** Packing, signing and checking packages with the real command line. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleCommandLine } from './harness/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanabi-cli-package-'));
let bundle: string;

beforeAll(async () => {
  bundle = await bundleCommandLine('package');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(bundle);
});

function hanabi(...args: string[]) {
  const env = { ...process.env, TMPDIR: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

function newModule(name: string, template = 'ui'): string {
  const dir = join(folder, name);
  expect(hanabi('module', 'init', dir, '--template', template)).toMatchObject({ status: 0, stderr: '' });
  return dir;
}

const probe = spawnSync('/usr/bin/bwrap', ['--unshare-user', '--ro-bind', '/', '/', 'true']);

describe('hanabi module init --template', () => {
  it.each([
    ['ui', []],
    ['worker', ['worker/main.py']],
    ['ui+worker', ['worker/main.py']],
    ['service', ['service/main.py']],
    ['workflow', ['workflow/main.py']],
  ])('%s is valid as it is written', (template, programs) => {
    const dir = newModule(`from-${template.replace('+', '-')}`, template);
    const { stdout, stderr, status } = hanabi('module', 'validate', dir);
    expect(stdout).toMatch(/is valid\.$/m);
    if (probe.status === 0) expect(stderr).toBe('');
    expect(status).toBe(0);
    const python = ['worker', 'service', 'workflow'].map((profile) => `${profile}/main.py`);
    expect(python.filter((path) => existsSync(join(dir, path)))).toEqual(programs);
  });

  it('knows no other', () => {
    const { status, stderr } = hanabi('module', 'init', join(folder, 'x'), '--template', 'game');
    expect(stderr).toMatch(/--template is one of ui, worker, ui\+worker, service, workflow/);
    expect(status).toBe(2);
  });
});

describe('hanabi module pack', () => {
  it('makes a package that validate takes, the same each time', () => {
    const dir = newModule('lanterns');
    const { status, stdout } = hanabi('module', 'pack', dir);
    expect(status).toBe(0);
    const path = join(folder, 'lanterns-0.1.0.zip');
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(stdout).toContain(path);
    expect(stdout).toContain(`SHA-256 ${sha256}`);
    const again = JSON.parse(hanabi('module', 'pack', dir, '--out', 'again.zip', '--json').stdout) as object;
    expect(again).toMatchObject({ ok: true, path: join(folder, 'again.zip'), sha256, problems: [] });
    expect(hanabi('module', 'validate', path)).toEqual({ status: 0, stdout: 'Lanterns 0.1.0 is valid.\n', stderr: '' });
  });

  it('makes none of what is not valid', () => {
    const dir = newModule('secretive');
    writeFileSync(join(dir, '.env'), 'TOKEN=1');
    const { status, stderr, stdout } = hanabi('module', 'pack', dir);
    expect(stderr).toMatch(/HANABI-V019 .env: /);
    expect(stdout).toBe('');
    expect(status).toBe(1);
    expect(JSON.parse(hanabi('module', 'pack', dir, '--json').stdout)).toMatchObject({ ok: false });
    expect(existsSync(join(folder, 'secretive-0.1.0.zip'))).toBe(false);
  });

  it('signs with the key of its developer', () => {
    const dir = newModule('signed');
    const key = join(folder, 'me.key.pem');
    const made = JSON.parse(hanabi('module', 'keygen', key, '--json').stdout) as { public_key: string };
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(hanabi('module', 'keygen', key).status).toBe(2);
    expect(hanabi('module', 'pack', dir, '--key', key)).toMatchObject({ status: 0 });
    const { stdout } = hanabi('module', 'validate', 'signed-0.1.0.zip', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, signed_by: made.public_key });
    expect(hanabi('module', 'pack', dir, '--key', '/nowhere').status).toBe(2);
    expect(hanabi('module', 'pack', dir, '--key', join(dir, 'ui/index.html')).stderr).toMatch(/^HANABI-V020/);
  });
});

describe('hanabi module validate', () => {
  it('refuses a file that is no package, and leaves nothing behind', () => {
    const file = join(folder, 'no-package.zip');
    writeFileSync(file, 'no package at all, only text');
    const before = readdirSync(folder);
    const { status, stderr } = hanabi('module', 'validate', file);
    expect(stderr).toMatch(/^HANABI-V013/);
    expect(status).toBe(1);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('warns without refusing', () => {
    const dir = newModule('remote');
    writeFileSync(join(dir, 'ui/main.js'), '\nimport("https://cdn.example/x.js");\n');
    const { status, stderr } = hanabi('module', 'validate', dir);
    expect(stderr).toBe(
      'warning url.remote ui/main.js:2: https://cdn.example/x.js is not among dependencies.services\n',
    );
    expect(status).toBe(0);
  });

  it.skipIf(probe.status !== 0)('finds the line where a worker does not parse, without running it', () => {
    const dir = newModule('astray', 'worker');
    const touched = join(folder, 'touched');
    writeFileSync(
      join(dir, 'worker/main.py'),
      `open(${JSON.stringify(touched)}, "w")\n\ndef run(inputs, options:\n    pass\n`,
    );
    const { status, stderr } = hanabi('module', 'validate', dir);
    expect(stderr).toMatch(/^HANABI-V021 worker\/main.py:3: /m);
    expect(status).toBe(1);
    writeFileSync(join(dir, 'worker/main.py'), '('.repeat(100_000));
    expect(hanabi('module', 'validate', dir).stderr).toMatch(/^HANABI-V021 worker\/main.py:1: /m);
    expect(existsSync(touched)).toBe(false);
  });

  it.skipIf(probe.status !== 0)('finds what a service may not say', () => {
    const dir = newModule('serving');
    const file = join(dir, 'hanabi.module.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
    const entrypoints = { ui: 'ui/index.html', service: 'service/main.py' };
    writeFileSync(file, JSON.stringify({ ...manifest, entrypoints, permissions: ['worker.service'] }));
    mkdirSync(join(dir, 'service'));
    writeFileSync(join(dir, 'service/main.py'), 'import os\n\ndef tick(ctx):\n    os.system("id")\n');
    expect(hanabi('module', 'validate', dir).stderr).toMatch(
      /^HANABI-V021 service\/main.py:1: Import of os is not allowed/m,
    );
    writeFileSync(
      join(dir, 'service/main.py'),
      'import math\n\ndef tick(ctx):\n    ctx.monitor.number("Pi", math.pi)\n',
    );
    expect(hanabi('module', 'validate', dir)).toMatchObject({ status: 0, stderr: '' });
  });

  it('says that nobody looked at the Python files where there is no sandbox', () => {
    const dir = newModule('unseen', 'worker');
    const { status, stderr } = hanabi('module', 'validate', dir, '--backend', 'disabled');
    expect(stderr).toMatch(/^warning scan.incomplete Python files were not checked: the sandbox is disabled/);
    expect(status).toBe(0);
  });
});
