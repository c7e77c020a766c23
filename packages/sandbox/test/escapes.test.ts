/**
 * The restricted language of services is one wall. Here it is not there: each program that breaks it (all of
 * python/tests/escapes) runs in plain Python, gets what it wants of the language, and reaches nothing of the host.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { WORKER_TIERS } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { describeBackends } from './backends.ts';
import { jobOf, runJob, withSandbox } from './test-sandbox.ts';

const PYTHON_TESTS = join(import.meta.dirname, '../../../python/tests');
const ESCAPES = readdirSync(join(PYTHON_TESTS, 'escapes')).filter((name) => name.endsWith('.py'));
/** As many as one job may have inputs, without the one that knows loot. */
const AT_ONCE = 100;

describeBackends('a program that broke the restricted language', ({ open }) => {
  const test = withSandbox(open);

  it('reaches nothing of the host, whichever way it took', { timeout: 120_000 }, async () => {
    const secret = await test.file('secret.txt', 'of the host');
    await chmod(secret, 0o644);
    const abstract = `hanabi-${randomUUID()}`;
    const unix = createServer((socket) => socket.end()).listen(`\0${abstract}`);
    const inet = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await Promise.all([once(unix, 'listening'), once(inet, 'listening')]);
    const options = { secret, abstract, port: (inet.address() as AddressInfo).port };
    const outcomes: Record<string, string> = {};
    for (let at = 0; at < ESCAPES.length; at += AT_ONCE) {
      const names = ['escape_loot.py', ...ESCAPES.slice(at, at + AT_ONCE).map((name) => `escapes/${name}`)];
      const inputs = names.map((name) => ({ name: name.split('/').at(-1)!, path: join(PYTHON_TESTS, name) }));
      const limits = WORKER_TIERS.standard;
      const { files, error } = await runJob(test.sandbox, jobOf('runs_escapes', { inputs, options, limits }));
      if (error) throw new Error(`${error.message}: ${error.toBody().log}`);
      Object.assign(outcomes, JSON.parse(files['outcome.json']!.toString()) as Record<string, string>);
    }
    unix.close();
    inet.close();
    expect(Object.keys(outcomes)).toHaveLength(ESCAPES.length);
    // It got out, and that is all.
    const nothing = Object.fromEntries(ESCAPES.map((name) => [name, 'loot']));
    expect(outcomes).toEqual(nothing);
  });
});
