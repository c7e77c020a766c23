/** Commands about a server's data are the server's own: it knows its database, and nobody else may. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Arguments, UsageError } from './command.ts';
import { EXIT_FAILED } from './run-command.ts';

/** From the bundle as well as from the sources. */
const PACKAGE = dirname(fileURLToPath(import.meta.url)).replace(/(packages\/module-cli)\/.*$/, '$1');
const SERVER = join(PACKAGE, '../../apps/server/dist');

/** Runs a command of the server with this process's output. Returns its exit code. */
export function serverCommand(args: readonly string[]): Promise<number> {
  return runProgram('cli.js', args);
}

/** What of `--json` is passed on. */
export function jsonFlag({ json }: Arguments['options']): string[] {
  return json === true ? ['--json'] : [];
}

/** Runs an executor, until it is told to stop. Returns its exit code. */
export function runExecutor(): Promise<number> {
  return runProgram('main.js', ['executor']);
}

async function runProgram(name: string, args: readonly string[]): Promise<number> {
  const program = join(SERVER, name);
  if (!existsSync(program)) throw new UsageError('the server is not built; run "npm run build" first');
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? EXIT_FAILED));
  });
}
