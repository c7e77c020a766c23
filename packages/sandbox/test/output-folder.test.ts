/** What the host does with a folder that a worker has filled, where no sandbox is needed to fill it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKER_TIERS } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareRoot } from '../src/bubblewrap/prepare.ts';
import { scanFolder } from '../src/output-folder/scan-folder.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hanabi-output-folder-'));
  // Reachable for the users of slots: else the folder of the sandbox is made elsewhere.
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Swaps a folder and a link to another one, as fast as it can. */
const SWAPPING = `
import ctypes, os, sys
AT_FDCWD, EXCHANGE = -100, 2
os.chdir(sys.argv[1])
os.mkdir("a")
open("a/inside", "w").close()
os.symlink(sys.argv[2], "b")
renameat2 = ctypes.CDLL(None).renameat2
print("ready", flush=True)
while True:
    renameat2(AT_FDCWD, b"a", AT_FDCWD, b"b", EXCHANGE)
`;

it('is looked at while its worker swaps folders for links, and nothing outside of it is seen', async () => {
  const [out, outside] = [join(folder, 'out'), join(folder, 'outside')];
  for (const path of [out, outside]) mkdirSync(path);
  for (const name of ['inside', 'secret']) writeFileSync(join(outside, name), 'not the worker’s to weigh');
  const worker = spawn('/usr/bin/python3', ['-c', SWAPPING, out, outside], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(worker.stdout, 'data');
    let entered = 0;
    for (let looks = 0; looks < 1000; looks += 1) {
      const found = await scanFolder(out, WORKER_TIERS.small);
      const below = found.filter(({ path }) => /[ab]\/\w+$/.test(path.toString()));
      entered += below.length;
      expect(below.filter(({ path, stats }) => path.toString().endsWith('secret') || stats.size > 0)).toEqual([]);
    }
    expect(entered).toBeGreaterThan(0);
  } finally {
    worker.kill('SIGKILL');
  }
});

const DEEP = `
import os, sys
os.chdir(sys.argv[1])
for _ in range(100):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
`;

it('of a supervisor that was killed does not keep the next one from starting, however deep it is', async () => {
  const work = join(folder, 'work');
  const left = join(work, 'sandbox/slots/0/out-1-1/out');
  mkdirSync(left, { recursive: true });
  expect(spawnSync('/usr/bin/python3', ['-c', DEEP, left]).status).toBe(0);
  expect(readdirSync(await prepareRoot(work))).toEqual([]);
});
