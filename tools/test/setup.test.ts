import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from '../setup/lock.mjs';
import { nodeVersionProblem } from '../setup/node-version.mjs';
import { CACHE, ROOT } from '../setup/paths.mjs';
import { run, SetupError } from '../setup/run.mjs';
import { chooseSandbox, describeChoice } from '../setup/sandbox-choice.mjs';
import { fingerprint } from '../setup/stamp.mjs';

test('an old Node.js is refused with a sentence, a fit one is not', () => {
  expect(nodeVersionProblem('18.20.4')).toMatch(/needs Node\.js 20\.19 or newer; this is 18\.20\.4/);
  expect(nodeVersionProblem('20.18.9')).toBeDefined();
  for (const fit of ['20.19.0', '20.20.2', '22.1.0', '24.0.0']) expect(nodeVersionProblem(fit)).toBeUndefined();
});

test('the sandbox that the operator names is taken as it is', async () => {
  expect(await chooseSandbox('disabled')).toEqual({ backend: 'disabled' });
});

test('without bubblewrap the backend is disabled, and one line says what to install', () => {
  const { backend, advice } = describeChoice(['bubblewrap'], ['python3-pil']);
  expect(backend).toBe('disabled');
  expect(advice).toContain('apt-get install --no-install-recommends bubblewrap python3-pil');
  expect(advice).not.toContain('\n');
});

test('with bubblewrap it is chosen, and a missing library of the examples is named', () => {
  expect(describeChoice([], [])).toEqual({ backend: 'bubblewrap' });
  expect(describeChoice([], ['python3-pil'])).toMatchObject({
    backend: 'bubblewrap',
    advice: expect.stringContaining('python3-pil'),
  });
});

test('a fingerprint changes with a file, and not without', () => {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(path.join(CACHE, 'stamp-'));
  try {
    const file = path.join(folder, 'a.ts');
    writeFileSync(file, 'one');
    const place = path.relative(ROOT, folder);
    const before = fingerprint([place]);
    expect(fingerprint([place])).toBe(before);
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    expect(fingerprint([place])).not.toBe(before);
    expect(fingerprint([`${place}/missing`])).not.toBe(before);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('under a lock one works at a time', async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all([withLock('test', work), withLock('test', work), withLock('test', work)]);
  expect(most).toBe(1);
});

test('the lock of a process that is no more is taken over', async () => {
  const { output } = await run(process.execPath, ['-e', 'console.log(process.pid)']);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(path.join(CACHE, 'stale.lock'), output.trim());
  expect(await withLock('stale', async () => 'done')).toBe('done');
});

test('a failing command is told with its last 20 lines and what to do', async () => {
  const { code, output } = await run(process.execPath, [
    '-e',
    'for (let i = 1; i <= 30; i++) console.log(`line ${i}`); process.exit(3)',
  ]);
  expect(code).toBe(3);
  const text = new SetupError('It ended.', { output, advice: 'Try again.' }).explain();
  expect(text).toMatch(/^It ended\.\n\nline 11\n[\s\S]*line 30\n\nTry again\.$/);
});

test('a command that does not exist is a failure like any other', async () => {
  expect(await run('hanabi-no-such-command', [])).toMatchObject({ code: 127 });
});
