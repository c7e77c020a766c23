import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MANIFEST_FILE } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { startServer } from './harness/start-server.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
let data_dir: string;
beforeAll(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'hanabi-life-'));
});
afterAll(() => rm(data_dir, { recursive: true, force: true }));

describe('the first start', () => {
  it('makes up a password, shows it once, and it works', async () => {
    const first = await startServer({ data_dir, env: { HANABI_ADMIN_PASSWORD: '' } });
    const line = first.lines.find((text) => text.includes('First sign-in'));
    const password = /password "([^"]+)"/.exec(line!)![1]!;
    const desktop = await Desktop.signIn(first.url, 'admin', password);
    await desktop.upload('kept.txt', 'kept');
    await first.stop();

    const second = await startServer({ data_dir, env: { HANABI_ADMIN_PASSWORD: '' } });
    expect(second.lines.join('\n')).not.toContain('First sign-in');
    const again = await Desktop.signIn(second.url, 'admin', password);
    expect((await again.folder('root')).files).toMatchObject([{ name: 'kept.txt' }]);
    // A session outlives the restart too.
    desktop.csrf = desktop.session.csrf_token;
    Object.assign(desktop, { url: second.url });
    expect((await desktop.send('GET', '/api/session')).status).toBe(200);
    await second.stop();
  });

  it('prints the password nowhere when the operator chose it', async () => {
    const server = await startServer({ env: { HANABI_ADMIN_PASSWORD: 'chosen by me' } });
    await expect(Desktop.signIn(server.url, 'admin', 'chosen by me')).resolves.toBeDefined();
    expect(server.lines.join('\n')).not.toContain('chosen by me');
    await server.stop();
  });
});

describe('a data folder', () => {
  it('serves one server at a time', async () => {
    const first = await startServer();
    const env = { ...process.env, HANABI_DATA_DIR: first.data_dir, HANABI_PORT: '0' };
    const second = spawnSync(process.execPath, [MAIN], { env, encoding: 'utf8', timeout: 20_000 });
    expect(second.status).toBe(1);
    expect(second.stderr).toContain(`another HanabiMatsuri is running on ${first.data_dir}`);
    await first.stop();
  });
});

describe('a wrong setting', () => {
  it.each([
    ['HANABI_PORT', 'eighty'],
    ['HANABI_PORT', '70000'],
    ['HANABI_WORKER_SANDBOX_BACKEND', 'chroot'],
    ['HANABI_MODULE_ORIGIN', 'modules.example/path'],
    ['HANABI_LOG_LEVEL', 'loud'],
  ])('is named: %s=%s', (name, value) => {
    const env = { ...process.env, HANABI_DATA_DIR: data_dir, HANABI_PORT: '0', [name]: value };
    const run = spawnSync(process.execPath, [MAIN], { env, encoding: 'utf8', timeout: 20_000 });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(new RegExp(`^${name}: `));
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a module', () => {
  it('with a bad manifest is named and left out, and the others are installed', async () => {
    const bad = await makeModule({ id: 'bad-module', manifest: { permissions: ['files.raed'] as never } });
    const good = await makeModule({ id: 'good-module' });
    const server = await startServer({ env: { HANABI_MODULE_DIRS: `${bad}:${good}` } });
    expect(server.lines.join('\n')).toContain('"files.raed" is not a permission; did you mean "files.read"?');
    const desktop = await Desktop.signIn(server.url);
    const response = await desktop.send('GET', '/api/modules');
    const { modules } = (await response.json()) as { modules: { id: string }[] };
    const ids = modules.map(({ id }) => id);
    expect(ids).toContain('good-module');
    expect(ids).not.toContain('bad-module');
    expect(ids).toEqual(
      expect.arrayContaining(['thumbnails', 'capability-demo', 'hello-world-webpage', 'image-viewer']),
    );
    await server.stop();
  });

  it('that changed on disk is brought up to date at the next start', async () => {
    const dir = await makeModule({ id: 'changing' });
    const data = await mkdtemp(join(tmpdir(), 'hanabi-change-'));
    const versionServed = async () => {
      const server = await startServer({ data_dir: data, env: { HANABI_MODULE_DIRS: dir } });
      const desktop = await Desktop.signIn(server.url);
      const { context } = await desktop.launch('changing');
      await server.stop();
      return context.version;
    };
    expect(await versionServed()).toBe('1.0.0');
    const manifest = JSON.parse(await readFile(join(dir, MANIFEST_FILE), 'utf8')) as Record<string, unknown>;
    await writeFile(join(dir, MANIFEST_FILE), JSON.stringify({ ...manifest, version: '1.1.0' }));
    expect(await versionServed()).toBe('1.1.0');
    await rm(data, { recursive: true });
  });
});
