import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const PYTHON = '/usr/bin/python3';
/** Other versions of the library order the instructions otherwise. */
const LIBRARY_VERSION = '2.5';

const folder = join(import.meta.dirname, '../seccomp');
const programs = readdirSync(folder).filter((name) => name.endsWith('.bpf'));
const PROFILE = 'container.json';

function missing(): string | undefined {
  if (spawnSync(PYTHON, ['-c', 'import seccomp']).status !== 0) return 'python3-seccomp is not installed';
  const ask =
    'import ctypes; v = ctypes.CDLL("libseccomp.so.2"); v.seccomp_version.restype = ctypes.POINTER(ctypes.c_uint * 3); print("%d.%d" % tuple(v.seccomp_version().contents[:2]))';
  const version = spawnSync(PYTHON, ['-c', ask], { encoding: 'utf8' }).stdout.trim();
  return version === LIBRARY_VERSION
    ? undefined
    : `libseccomp is ${version}, the programs were built with ${LIBRARY_VERSION}`;
}

const reason = missing();

describe.skipIf(reason !== undefined)(`the seccomp programs${reason ? ` (${reason})` : ''}`, () => {
  it('are what seccomp/build.py builds', () => {
    const built = mkdtempSync(join(tmpdir(), 'hanabi-seccomp-'));
    const { status, stderr } = spawnSync(PYTHON, ['-B', join(folder, 'build.py'), built], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(readdirSync(built).sort()).toEqual([...programs, PROFILE].sort());
    for (const name of [...programs, PROFILE])
      expect(readFileSync(join(built, name)).equals(readFileSync(join(folder, name)))).toBe(true);
    rmSync(built, { recursive: true });
  });
});

it('there is one of them for each architecture, of whole instructions', () => {
  expect(programs.sort()).toEqual(['aarch64.bpf', 'x86_64.bpf']);
  for (const name of programs) {
    const { length } = readFileSync(join(folder, name));
    expect(length).toBeGreaterThan(2000);
    expect(length % 8).toBe(0);
  }
});
