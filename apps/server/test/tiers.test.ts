/** Tiers of an operator: a module that names one runs under it, and is told plainly when it is not there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Permission, WORKER_TIERS } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { type Answer, Desktop } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { startServer } from './harness/start-server.ts';

const permissions: Permission[] = ['jobs.create', 'worker.execute'];
const THREE_FILES = 'def run(inputs, options):\n    return {"a": b"", "b": b"", "c": b""}\n';
const tiny = { ...WORKER_TIERS.small, output_files_max: 2 };

async function runOne(url: string): Promise<Answer> {
  const desktop = await Desktop.signIn(url);
  return desktop.ask(await desktop.launch('in-tiny'), 'HANABI_CREATE_JOB', {});
}

it('a tier is defined, bounds a job, and is taken away again', async () => {
  const worker = { tier: 'tiny' };
  const dir = await makeModule({ id: 'in-tiny', permissions, worker: THREE_FILES, manifest: { worker } });
  const data_dir = await mkdtemp(join(tmpdir(), 'hanabi-tiers-'));
  const start = (tiers: string) =>
    startServer({
      data_dir,
      env: { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap', HANABI_MODULE_DIRS: dir, HANABI_WORKER_TIERS: tiers },
    });
  try {
    const with_it = await start(JSON.stringify({ tiny }));
    expect((await runOne(with_it.url)).error).toMatchObject({ code: 'HANABI-W007' });
    await with_it.stop();

    const without = await start('');
    expect((await runOne(without.url)).error).toMatchObject({
      code: 'HANABI-M007',
      message: expect.stringContaining('"tiny"; there are small, standard, large, media'),
    });
    const refused = without.lines.find((line) => line.includes('was not installed'));
    expect(refused).toContain('worker.tier: "tiny" is not a tier of this server');
    await without.stop();

    await expect(start('{"tiny": {"memory": 3}}')).rejects.toThrow('HANABI_WORKER_TIERS: tiny');
  } finally {
    await rm(data_dir, { recursive: true, force: true });
  }
});
