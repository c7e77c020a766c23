/** The image of the container backend and its use by the command line, on the engine of the tests. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    docker: { socket: string } | { missing: string };
  }
}

const BIN = join(import.meta.dirname, '../bin/hanabi.mjs');
const WORKER = 'def run(inputs, options):\n    return {name: data.upper() for name, data in inputs.items()}\n';
const NOWHERE = '/nowhere/docker.sock';

function hanabi(env: NodeJS.ProcessEnv, ...args: string[]) {
  return spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
}

describe('hanabi worker-image build', () => {
  it('says that no engine answers, for people and for machines', () => {
    const env = { HANABI_WORKER_DOCKER_SOCKET: NOWHERE };
    const plain = hanabi(env, 'worker-image', 'build');
    expect(plain).toMatchObject({ status: 1, stdout: '' });
    expect(plain.stderr).toMatch(/^no Docker answers at \/nowhere\/docker.sock/);
    const { status, stdout } = hanabi(env, 'worker-image', 'build', '--native', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ ok: false, error: { message: expect.stringContaining(NOWHERE) } });
  });

  it('refuses to build what a digest names', () => {
    const { status, stderr } = hanabi({ HANABI_WORKER_IMAGE: `sha256:${'0'.repeat(64)}` }, 'worker-image', 'build');
    expect(status).toBe(1);
    expect(stderr).toMatch(/is a digest/);
  });

  it('is called with options only', () => {
    expect(hanabi({}, 'worker-image', 'build', 'extra').status).toBe(2);
  });
});

describe('hanabi module run --backend', () => {
  it('is refused for what is no backend, and for an engine elsewhere', () => {
    const dir = join(import.meta.dirname, '../../../examples/modules/thumbnails');
    const magic = hanabi({}, 'module', 'run', dir, '--backend', 'magic');
    expect(magic.status).toBe(2);
    expect(magic.stderr).toMatch(/^--backend is "magic"/);
    const remote = hanabi({ DOCKER_HOST: 'tcp://192.0.2.1:2375' }, 'module', 'run', dir, '--backend', 'container');
    expect(remote.status).toBe(2);
    expect(remote.stderr).toMatch(/^DOCKER_HOST: /);
  });

  const docker = inject('docker');
  const missing = 'missing' in docker ? docker.missing : undefined;
  it.skipIf(missing !== undefined)(`runs a worker in a container${missing ? ` (${missing})` : ''}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'hanabi-cli-container-'));
    const module_dir = join(folder, 'shout');
    mkdirSync(join(module_dir, 'worker'), { recursive: true });
    mkdirSync(join(module_dir, 'ui'));
    const manifest = {
      schema_version: '5.0',
      id: 'shout',
      name: 'Shout',
      version: '1.0.0',
      summary: 'Shouts.',
      entrypoints: { ui: 'ui/index.html', worker: 'worker/main.py' },
      permissions: ['worker.execute'],
    };
    writeFileSync(join(module_dir, 'hanabi.module.json'), JSON.stringify(manifest));
    writeFileSync(join(module_dir, 'ui/index.html'), '<!doctype html><title>Shout</title>');
    writeFileSync(join(module_dir, 'worker/main.py'), WORKER);
    const env = { HANABI_WORKER_DOCKER_SOCKET: 'socket' in docker ? docker.socket : '' };
    const input = join(module_dir, 'hanabi.module.json');
    const run = ['module', 'run', module_dir, '--input', input, '--out', join(folder, 'out'), '--json'];
    const { stdout, status } = hanabi(env, ...run, '--backend', 'container');
    const { ok, outputs } = JSON.parse(stdout) as { ok: boolean; outputs: { path: string }[] };
    expect(ok).toBe(true);
    expect(status).toBe(0);
    expect(readFileSync(outputs[0]!.path, 'utf8')).toContain('"SHOUT"');
    rmSync(folder, { recursive: true });
  });
});
