/** What modules declare as their Python libraries, with those that Debian's Python has and no index. */
import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManifestInput } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { makeModule, type ModuleWish } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const DRAWS = `
from PIL import Image

def run(inputs, options):
    return {"size.txt": str(Image.new("RGB", (3, 4)).size)}
`;

function declaring(id: string, python: string[]): ModuleWish {
  const entrypoints: ManifestInput['entrypoints'] = { ui: 'ui/index.html', worker: 'worker/main.py' };
  const manifest = { entrypoints, dependencies: { python } };
  return { id, permissions: ['jobs.create', 'worker.execute'], worker: DRAWS, manifest };
}

let data_dir: string;
let env: Record<string, string>;
let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  const made: string[] = [];
  for (const wish of [
    declaring('draws', ['pillow>=9.0']),
    declaring('draws-too', ['Pillow >= 9']),
    declaring('draws-silently', []),
    declaring('draws-tomorrow', ['pillow>=999']),
  ]) {
    made.push(await makeModule(wish));
  }
  data_dir = await mkdtemp(join(tmpdir(), 'hanabi-server-'));
  env = { HANABI_MODULE_DIRS: made.join(':'), HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' };
  server = await startServer({ env, data_dir });
  desktop = await Desktop.signIn(server.url);
});
afterAll(async () => {
  await server.stop();
  await rm(data_dir, { recursive: true });
});

async function run(moduleId: string) {
  const launch = await desktop.launch(moduleId);
  return desktop.ask(launch, 'HANABI_CREATE_JOB', { inputRefs: [], options: {} });
}

const layers = () => readdir(join(data_dir, 'libraries', 'layers'));

it('are there for the worker that declares them, and shared by all that do', async () => {
  for (const id of ['draws', 'draws-too']) {
    expect((await run(id)).data).toMatchObject({ job: { state: 'completed' } });
  }
  expect(await layers()).toHaveLength(1);
});

it('are not there for one that does not', async () => {
  const { error } = await run('draws-silently');
  expect(error).toMatchObject({ code: 'HANABI-W013' });
  expect(error.message).toContain("No module named 'PIL'; libraries are those that dependencies.python");
  expect(error.log).toContain('worker/main.py');
});

it('are told to the operator and to whoever runs the module when they cannot be had', async () => {
  const { error } = await run('draws-tomorrow');
  expect(error).toMatchObject({ code: 'HANABI-W018', category: 'UNAVAILABLE' });
  expect(error.message).toMatch(/pillow>=999.*this machine has pillow \d.*HANABI_PYTHON_INDEX_URL/);
  expect(server.lines.filter((line) => line.startsWith('Module draws-tomorrow: '))).toHaveLength(1);
});

it('stay as they were found, over a restart', async () => {
  const [layer] = await layers();
  const path = join(data_dir, 'libraries', 'layers', layer!);
  await utimes(path, 1, 1);
  await server.stop();
  server = await startServer({ env, data_dir });
  desktop = await Desktop.signIn(server.url);
  expect((await run('draws')).data).toMatchObject({ job: { state: 'completed' } });
  expect((await stat(path)).mtimeMs).toBe(1000);
});
