/** What the machine has of what a sandbox needs. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { seccompProgram } from '../assets.ts';

const run = promisify(execFile);

export interface Tools {
  bwrap: string;
  setpriv: string;
  prlimit: string;
  python: string;
  seccomp: string;
}

/** Inside the sandbox there is only /usr. */
const PYTHON = '/usr/bin/python3';

/** The tools, or one line that says what to install. */
export async function findTools(): Promise<Tools | string> {
  const bwrap = firstExecutable('/usr/bin/bwrap', '/usr/local/bin/bwrap');
  if (!bwrap) return 'bubblewrap is not installed: apt-get install bubblewrap';
  const setpriv = firstExecutable('/usr/bin/setpriv', '/bin/setpriv');
  const prlimit = firstExecutable('/usr/bin/prlimit');
  if (!setpriv || !prlimit) return 'setpriv or prlimit is missing: apt-get install util-linux';
  if (!firstExecutable(PYTHON)) return `${PYTHON} is missing: apt-get install python3`;
  const seccomp = seccompProgram();
  if (!seccomp || !existsSync(seccomp)) return `there is no seccomp program for ${process.arch} processors`;
  const version = await pythonVersion();
  if (version < 3.11) return `${PYTHON} is older than 3.11`;
  return { bwrap, setpriv, prlimit, python: PYTHON, seccomp };
}

export async function bubblewrapVersion(tools: Tools): Promise<string> {
  const { stdout } = await run(tools.bwrap, ['--version']);
  return stdout.trim();
}

/** Major and minor as one comparable number: 3.09, 3.11. */
async function pythonVersion(): Promise<number> {
  const { stdout } = await run(PYTHON, ['-I', '-S', '-c', 'import sys; print("%d.%02d" % sys.version_info[:2])']);
  return Number(stdout);
}

function firstExecutable(...paths: string[]): string | undefined {
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
