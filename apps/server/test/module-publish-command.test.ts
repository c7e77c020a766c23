/** `hanabi module publish` against a real server. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DESKTOP_PATHS } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { ask, developers, modulesOf } from './harness/publishing.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const HANABI = join(import.meta.dirname, '../../../packages/module-cli/bin/hanabi.mjs');

let server: RunningServer;
let dora: Desktop;
let key: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hanabi-publish-command-'));
  server = await startServer({ prepare: developers('dora') });
  dora = await Desktop.signIn(server.url, 'dora', 'dora');
  key = (await ask<{ key: string }>(dora, 'POST', `${DESKTOP_PATHS.portal}/keys`, { name: 'test' })).body.key;
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function hanabi(env: Record<string, string>, ...args: string[]) {
  const options = { cwd: folder, env: { PATH: process.env['PATH'], ...env } };
  return promisify(execFile)(process.execPath, [HANABI, ...args], options).then(
    ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({ ...error, status: error.code }),
  );
}

it('sends a draft, and then a submission', async () => {
  const dir = await makeModule({ id: 'from-afar' });
  const env = { HANABI_PUBLISH_KEY: key, HANABI_SERVER: server.url };
  const draft = await hanabi(env, 'module', 'publish', dir);
  expect(draft.stdout).toMatch(/from-afar 1.0.0 is a draft.*\nSHA-256 [0-9a-f]{64}\nNeeds a review: It is the first/);
  expect(await modulesOf(dora)).toEqual(['draft--from-afar 1.0.0']);
  const submitted = await hanabi(
    { HANABI_PUBLISH_KEY: key },
    'module',
    'publish',
    dir,
    '--server',
    server.url,
    '--submit',
    '--json',
  );
  expect(JSON.parse(submitted.stdout)).toMatchObject({
    ok: true,
    state: 'submitted',
    version: { module_id: 'from-afar' },
  });
  const again = await hanabi(env, 'module', 'publish', dir);
  expect(again).toMatchObject({ status: 1, stderr: expect.stringMatching(/^HANABI-M011 .*1.0.0 is submitted/) });
  await writeFile(join(dir, '.env'), 'SECRET=1');
  expect(await hanabi(env, 'module', 'publish', dir)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('HANABI-V019'),
  });
});

it('says what is wrong with how it was called', async () => {
  const dir = await makeModule({ id: 'wrongly' });
  const right = { HANABI_PUBLISH_KEY: key, HANABI_SERVER: server.url };
  const calls = [
    [{ HANABI_PUBLISH_KEY: key }, 2, /--server is missing/],
    [{ HANABI_SERVER: server.url }, 2, /HANABI_PUBLISH_KEY is not set/],
    [{ ...right, HANABI_SERVER: 'nowhere' }, 2, /is no address/],
    [{ ...right, HANABI_SERVER: 'http://127.0.0.1:1' }, 1, /HANABI-V011/],
    [{ ...right, HANABI_PUBLISH_KEY: 'hanabi_publish_guessed' }, 1, /HANABI-A004/],
  ] as const;
  for (const [env, status, reason] of calls) {
    expect(await hanabi(env, 'module', 'publish', dir)).toMatchObject({
      status,
      stderr: expect.stringMatching(reason),
    });
  }
});
