/** The real command line, as a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CAPABILITY_TYPES, WORKER_TIERS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleCommandLine } from './harness/bundle.ts';

let bundle: string;
const folder = mkdtempSync(join(tmpdir(), 'hanabi-cli-test-'));

beforeAll(async () => {
  bundle = await bundleCommandLine('hanabi');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(bundle);
});

function hanabi(...args: string[]) {
  return hanabiWith({}, ...args);
}

function hanabiWith(env: Record<string, string>, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

/** A module with a worker, made by the command itself. */
function newModule(name: string, worker?: string): string {
  const dir = join(folder, name);
  expect(hanabi('module', 'init', dir, '--worker')).toMatchObject({ status: 0, stderr: '' });
  if (worker !== undefined) writeFileSync(join(dir, 'worker/main.py'), worker);
  return dir;
}

const probe = spawnSync('/usr/bin/bwrap', ['--unshare-user', '--ro-bind', '/', '/', 'true']);
const describeSandboxed = describe.skipIf(probe.status !== 0);

describe('hanabi', () => {
  it.each([
    [[], 2, 'stderr', /hanabi module run/],
    [['--help'], 0, 'stdout', /hanabi protocol list/],
    [['module'], 2, 'stderr', /hanabi module init/],
    [['module', '--help'], 0, 'stdout', /hanabi module validate/],
    [['module', 'run', '--help'], 0, 'stdout', /--input FILE….*\n[^]*Exit codes: 0/],
    [['protocol', 'list', '-h'], 0, 'stdout', /Usage: hanabi protocol list/],
    [['module', 'fly'], 2, 'stderr', /There is no command "module fly"/],
    [['module', 'validate'], 2, 'stderr', /DIR is missing\nUsage: hanabi module validate/],
    [['module', 'validate', 'a', 'b'], 2, 'stderr', /unexpected "b"/],
    [['module', 'validate', '/nowhere'], 2, 'stderr', /is neither a folder nor a package file/],
    [['module', 'run', '.', '--volume', '11'], 2, 'stderr', /--volume/],
  ] as const)('%j', (args, status, stream, text) => {
    const end = hanabi(...args);
    expect(end.status).toBe(status);
    expect(end[stream]).toMatch(text);
  });
});

describe('hanabi protocol list', () => {
  it('lists every row', () => {
    const { status, stdout } = hanabi('protocol', 'list');
    expect(status).toBe(0);
    for (const type of CAPABILITY_TYPES) expect(stdout).toContain(type);
  });

  it('prints the rows as JSON, with schemas', () => {
    const rows = JSON.parse(hanabi('protocol', 'list', '--json').stdout) as Record<string, unknown>[];
    expect(rows.map(({ type }) => type)).toEqual(CAPABILITY_TYPES);
    for (const row of rows) {
      expect(row).toMatchObject({
        payload_schema: { type: 'object', additionalProperties: false },
        result_schema: { $schema: expect.any(String) },
        summary: expect.any(String),
        home: expect.stringMatching(/^(web|server)$/),
      });
    }
  });
});

describe('hanabi module init and validate', () => {
  it('a new module is valid, and its worker counts', () => {
    const dir = newModule('Count Bytes');
    expect(hanabi('module', 'validate', dir)).toEqual({
      status: 0,
      stdout: 'Count Bytes 0.1.0 is valid.\n',
      stderr: '',
    });
    expect(JSON.parse(readFileSync(join(dir, 'hanabi.module.json'), 'utf8'))).toMatchObject({ id: 'count-bytes' });
    expect(hanabi('module', 'init', dir).stderr).toMatch(/is not empty/);
  });

  it('a new module without a worker is valid', () => {
    const dir = join(folder, 'page');
    expect(hanabi('module', 'init', dir, '--name', 'A <b>page</b> & more').status).toBe(2);
    expect(hanabi('module', 'init', dir, '--name', 'Page & more').status).toBe(0);
    expect(readFileSync(join(dir, 'ui/index.html'), 'utf8')).toContain('<title>Page &amp; more</title>');
    const { stdout } = hanabi('module', 'validate', dir, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, problems: [], module: { id: 'page', version: '0.1.0' } });
  });

  it('names every problem with its code and place', () => {
    const dir = newModule('broken');
    const file = join(dir, 'hanabi.module.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...manifest, version: 'one', permissions: ['file.read', 'worker.execute'] }));
    const { status, stdout } = hanabi('module', 'validate', dir, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      problems: [
        { code: 'HANABI-V005', path: 'version' },
        { code: 'HANABI-V007', path: 'permissions[0]', message: expect.stringContaining('"files.read"') },
      ],
    });
    expect(hanabi('module', 'validate', dir).stderr).toMatch(/HANABI-V007 permissions\[0\]/);
    writeFileSync(file, '{');
    expect(hanabi('module', 'validate', dir).stderr).toMatch(/HANABI-V005 hanabi.module.json: .*JSON/);
  });

  it('finds entry points that are missing or lead outside', () => {
    const dir = newModule('astray');
    rmSync(join(dir, 'worker/main.py'));
    rmSync(join(dir, 'ui/index.html'));
    expect(hanabi('module', 'validate', dir).stderr).toMatch(
      /entrypoints.ui: there is no file ui\/index.html\n.*entrypoints.worker: there is no file worker\/main.py/,
    );
    symlinkSync('/etc/passwd', join(dir, 'ui/index.html'));
    expect(hanabi('module', 'validate', dir).stderr).toMatch(/HANABI-V018 .*"ui\/index.html"/);
    expect(hanabi('module', 'run', dir).stderr).toMatch(/entrypoints.ui: ui\/index.html leads outside/);
  });
});

describeSandboxed('hanabi module run', () => {
  it('runs the worker, shows progress, and writes the outputs', () => {
    const dir = newModule('run-me');
    writeFileSync(join(folder, 'a.txt'), 'aaa');
    writeFileSync(join(folder, 'b.txt'), 'b');
    const out = join(folder, 'out-of-run');
    const { status, stdout, stderr } = hanabi(
      'module',
      'run',
      dir,
      '--input',
      'a.txt',
      'b.txt',
      '--input',
      'a.txt',
      '--out',
      out,
    );
    expect(stderr).toMatch(/ {2}0% Counting a.txt\n/);
    expect(stderr).toMatch(/Done in \d+ ms.*: 3 files.\n$/);
    expect(status).toBe(0);
    expect(stdout).toContain(`${join(out, 'b.txt.txt')} (18 bytes)`);
    expect(stdout.match(/[^/]+\.txt(?= \()/g)).toEqual(['a.txt.txt', 'b.txt.txt', 'a (2).txt.txt']);
    expect(readdirSync(out)).toHaveLength(3);
    expect(readFileSync(join(out, 'a.txt.txt'), 'utf8')).toBe('a.txt has 3 bytes\n');
  });

  it('prints one JSON object', () => {
    const dir = newModule(
      'json',
      'def run(inputs, options):\n    print("hello")\n    return {"o.json": str(options["n"])}\n',
    );
    const { status, stdout } = hanabi('module', 'run', dir, '--options', '{"n": 7}', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      log: 'hello\n',
      outputs: [{ name: 'o.json', path: join(folder, 'out/o.json'), size_bytes: 1 }],
      usage: { wall_ms: expect.any(Number) },
    });
  });

  it('tells what failed: the output, the traceback, the code, the fix', () => {
    const dir = newModule('fails', 'def run(inputs, options):\n    print("before")\n    return 1 / 0\n');
    const { status, stderr } = hanabi('module', 'run', dir);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^before\nTraceback[^]*File "worker\/main.py", line 3, in run[^]*ZeroDivisionError: division by zero\nHANABI-W008 The worker raised an exception: ZeroDivisionError: division by zero\nThe author reads/,
    );
    const { error } = JSON.parse(hanabi('module', 'run', dir, '--json').stdout) as { error: Record<string, string> };
    expect(error).toMatchObject({ code: 'HANABI-W008', category: 'FAILED', log: expect.stringContaining('line 3') });
  });

  it('runs a worker on folders, and tells of what is no output', () => {
    const dir = newModule(
      'streaming',
      `
import os
def run_streaming(in_dir, out_dir, options):
    for name in os.listdir(in_dir):
        yield {"pct": 50, "message": name}
        with open(f"{in_dir}/{name}") as source, open(f"{out_dir}/{options['prefix']}{name}", "w") as target:
            target.write(source.read().upper())
    os.symlink("/etc/passwd", f"{out_dir}/link")
`,
    );
    writeFileSync(join(folder, 'words.txt'), 'some words');
    const args = ['--input', 'words.txt', '--options', '{"prefix": "LOUD-"}', '--out', 'streamed'];
    const { status, stderr } = hanabi('module', 'run', dir, ...args);
    expect(stderr).toContain('Left out of the outputs: link is a symbolic link');
    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'streamed/LOUD-words.txt'), 'utf8')).toBe('SOME WORDS');
    expect(readdirSync(join(folder, 'streamed'))).toEqual(['LOUD-words.txt']);
  });

  it('names what to install for a worker with native tools', () => {
    const dir = newModule('native');
    const file = join(dir, 'hanabi.module.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { permissions: string[] };
    manifest.permissions.push('worker.native');
    writeFileSync(file, JSON.stringify(manifest));
    const { status, stderr } = hanabiWith({ HANABI_WORKER_NATIVE_ROOT: folder }, 'module', 'run', dir);
    expect(stderr).toMatch(/^HANABI-W017 .*HANABI_WORKER_NATIVE_ROOT/);
    expect(status).toBe(1);
  });

  it('says that the sandbox is disabled, and what to do', () => {
    const dir = newModule('disabled');
    const { status, stderr } = hanabiWith({ HANABI_WORKER_SANDBOX_BACKEND: 'disabled' }, 'module', 'run', dir);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^HANABI-W002 .*\n.*HANABI_WORKER_SANDBOX_BACKEND=bubblewrap/);
    expect(hanabiWith({ HANABI_WORKER_SANDBOX_BACKEND: 'magic' }, 'module', 'run', dir).status).toBe(2);
  });

  it('says what containers take where there is no engine', () => {
    const away = { HANABI_WORKER_DOCKER_SOCKET: join(folder, 'nobody.sock') };
    const { status, stderr } = hanabiWith(away, 'module', 'run', newModule('engineless'), '--backend', 'container');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^HANABI-W002 .*nobody\.sock.*\n.*container takes Docker.*worker-image build/);
  });

  it.each([
    [['--input', 'missing.txt'], /there is no file missing.txt/],
    [['--options', '[1]'], /--options is a JSON object/],
    [['--options', '{'], /--options is not JSON/],
    [['--tier', 'enormous'], /--tier is one of small, standard/],
    [['stray.txt'], /unexpected "stray.txt"/],
  ])('refuses %j', (args, text) => {
    const dir = join(folder, `usage-${args.join('').replaceAll(/\W/g, '')}`);
    hanabi('module', 'init', dir, '--worker');
    const { status, stderr } = hanabi('module', 'run', dir, ...args);
    expect(stderr).toMatch(text);
    expect(status).toBe(2);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const dir = newModule(
      'slow',
      'import time\ndef run(i, o):\n    yield {"pct": 1, "message": "slow"}\n    time.sleep(600)\n',
    );
    const tmp = mkdtempSync(join(folder, 'tmp-'));
    const child = spawn(process.execPath, [bundle, 'module', 'run', dir], {
      cwd: folder,
      env: { ...process.env, TMPDIR: tmp },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let printed = '';
    let interrupted = false;
    for await (const chunk of child.stderr) {
      printed += String(chunk);
      if (printed.includes('slow') && !interrupted) interrupted = child.kill('SIGINT');
    }
    const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number]) : [child.exitCode];
    expect(printed).toContain('HANABI-W016');
    expect(code).toBe(1);
    expect(readdirSync(tmp)).toEqual([]);
  });
});

describe('hanabi tier list', () => {
  const huge = { ...WORKER_TIERS.large, wall_ms_max: 7_200_000 };

  it('lists the tiers of the house and those of the operator, inline or from a file', () => {
    expect(hanabi('tier', 'list').stdout).toMatch(/^small +256 MiB of memory/);
    const path = join(folder, 'tiers.json');
    writeFileSync(path, JSON.stringify({ huge }));
    for (const setting of [JSON.stringify({ huge }), path]) {
      const { stdout, status } = hanabiWith({ HANABI_WORKER_TIERS: setting }, 'tier', 'list', '--json');
      expect(JSON.parse(stdout)).toEqual({ ...WORKER_TIERS, huge });
      expect(status).toBe(0);
    }
  });

  it.each([
    ['{"small": {}}', 'small'],
    [JSON.stringify({ standard: huge }), 'standard: is the same on every server'],
    [JSON.stringify({ 'Not A Name': huge }), 'Not A Name: is not a name'],
    [JSON.stringify({ huge: { ...huge, cpu_ms_max: 0 } }), 'huge.cpu_ms_max'],
    [JSON.stringify({ huge: { ...huge, more: 1 } }), 'huge'],
    ['{', 'JSON'],
    ['/nowhere/tiers.json', 'no such file'],
  ])('refuses %s', (setting, words) => {
    const { status, stderr } = hanabiWith({ HANABI_WORKER_TIERS: setting }, 'tier', 'list');
    expect(stderr).toMatch(/^HANABI_WORKER_TIERS: /);
    expect(stderr).toContain(words);
    expect(status).toBe(2);
  });

  it('counts for the manifest', () => {
    const dir = newModule('tiered');
    const file = join(dir, 'hanabi.module.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...manifest, worker: { tier: 'huge' } }));
    const refused = hanabi('module', 'validate', dir);
    expect(refused.stderr).toContain('worker.tier: "huge" is not a tier of this server; there are small, standard');
    expect(refused.status).toBe(1);
    const known = hanabiWith({ HANABI_WORKER_TIERS: JSON.stringify({ huge }) }, 'module', 'validate', dir);
    expect(known.status).toBe(0);
  });
});

describeSandboxed('hanabi module run --allow-network', () => {
  const FETCHER = `
def run(inputs, options, ctx):
    return {"page.txt": ctx.fetch(options["url"])["body"]}
`;
  const server = createServer((_, response) => void response.end('a page'));
  let origin: string;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  function fetcher(name: string, permissions: string[]): string {
    const dir = newModule(name, FETCHER);
    const file = join(dir, 'hanabi.module.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { permissions: string[] };
    const dependencies = { services: [origin] };
    const all = [...manifest.permissions, ...permissions];
    writeFileSync(file, JSON.stringify({ ...manifest, dependencies, permissions: all }));
    return dir;
  }

  /** Beside this process, whose server has to answer meanwhile. */
  async function runFetcher(dir: string, ...args: string[]) {
    const options = JSON.stringify({ url: `${origin}/x?key=secret` });
    const child = spawn(process.execPath, [bundle, 'module', 'run', dir, '--options', options, ...args], {
      cwd: folder,
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [status] = (await once(child, 'close')) as [number];
    return { status, stderr };
  }

  it('reaches the declared origins, and nothing without it', async () => {
    const dir = fetcher('fetcher', ['network.fetch']);
    const without = await runFetcher(dir);
    expect(without.status).toBe(1);
    expect(without.stderr).toMatch(/The network is not approved for this module \(HANABI-N001\)/);
    const inside = await runFetcher(dir, '--allow-network');
    expect(inside.stderr).toMatch(/HANABI-N003/);
    const allowed = await runFetcher(dir, '--allow-network', '--allow-private', origin, '--out', 'fetched');
    expect(allowed).toMatchObject({ status: 0 });
    expect(allowed.stderr).toMatch(/^GET http:\/\/127.0.0.1:\d+\/x: 200, 6 bytes, \d+ ms$/m);
    expect(allowed.stderr).not.toContain('secret');
    expect(readFileSync(join(folder, 'fetched/page.txt'), 'utf8')).toBe('a page');
  });

  it('approves nothing that the manifest does not ask for', async () => {
    const dir = fetcher('plain', []);
    expect((await runFetcher(dir, '--allow-network')).stderr).toMatch(/HANABI-P001/);
    expect((await runFetcher(dir, '--allow-private', origin)).status).toBe(2);
    expect((await runFetcher(dir, '--allow-network', '--allow-private', 'localhost')).stderr).toMatch(
      /is not an origin/,
    );
  });
});

describeSandboxed('hanabi module run with Python libraries', () => {
  const PAINTER = `
from PIL import Image


def run(inputs, options):
    return {"size.txt": str(Image.new("RGB", (3, 4)).size)}
`;

  function declaring(name: string, ...python: string[]): string {
    const dir = newModule(name, PAINTER);
    const file = join(dir, 'hanabi.module.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...manifest, dependencies: { python } }));
    return dir;
  }

  it('has those that are declared, and keeps them', () => {
    const cache = join(folder, 'cache-of-run');
    const args = ['module', 'run', declaring('painter', 'pillow'), '--cache', cache, '--out', 'painted'];
    expect(hanabi(...args)).toMatchObject({ status: 0 });
    const layers = join(cache, 'libraries/layers');
    const [layer] = readdirSync(layers, { withFileTypes: true });
    expect(readdirSync(join(layers, layer!.name))).toContain('PIL');
    const { mtimeMs } = statSync(join(layers, layer!.name));
    expect(hanabi(...args)).toMatchObject({ status: 0 });
    expect(statSync(join(layers, layer!.name)).mtimeMs).toBe(mtimeMs);
    expect(readFileSync(join(folder, 'painted/size.txt'), 'utf8')).toBe('(3, 4)');
  });

  it('says what is missing', () => {
    const undeclared = hanabi('module', 'run', declaring('silent-painter'));
    expect(undeclared.status).toBe(1);
    expect(undeclared.stderr).toMatch(/worker\/main.py", line 2[^]*HANABI-W013 .*No module named 'PIL'/);
    const run = ['module', 'run', declaring('late-painter', 'pillow>=999'), '--cache', join(folder, 'empty-cache')];
    expect(hanabi(...run).stderr).toMatch(/^HANABI-W018 .*pillow>=999.*this machine has pillow/m);
    const strict = hanabiWith({ HANABI_PYTHON_SYSTEM_PACKAGES: '0' }, ...run);
    expect(strict.stderr).not.toContain('this machine has');
    const wrong = hanabiWith({ HANABI_PYTHON_INDEX_URL: 'secret' }, ...run);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/^HANABI_PYTHON_INDEX_URL: is no http/);
    expect(wrong.stderr).not.toContain('secret');
  });
});
