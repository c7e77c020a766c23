/** The command line, as built, on a data folder. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { engineSettings } from './engine.ts';

const HANABI = fileURLToPath(new URL('../../../../packages/module-cli/bin/hanabi.mjs', import.meta.url));

export interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

export function hanabi(dataDir: string, ...args: string[]): Promise<Ended> {
  return hanabiWith({ HANABI_DATA_DIR: dataDir }, ...args);
}

export async function hanabiWith(settings: Record<string, string>, ...args: string[]): Promise<Ended> {
  const dataDir = settings['HANABI_DATA_DIR'];
  const engine = dataDir === undefined ? {} : await engineSettings(dataDir);
  return run(process.execPath, [HANABI, ...args], { ...engine, ...settings });
}

/** Not synchronous: a test that stands still does not notice when the server closes an idle connection. */
export function run(file: string, args: string[], settings: Record<string, string>, cwd?: string): Promise<Ended> {
  const env = { PATH: process.env['PATH'], ...settings };
  return new Promise((resolve, reject) => {
    execFile(file, args, { env, cwd, timeout: 60_000 }, (error, stdout, stderr) => {
      const status = error ? error.code : 0;
      if (typeof status === 'number') resolve({ status, stdout, stderr });
      else reject(error!);
    });
  });
}

export interface CheckReport {
  status: number;
  ok: boolean;
  contents: number;
  troubles: { sha256: string; problem: string; files: string[] }[];
  orphans: { contents: number; size_bytes: number; old: number };
}

export async function checkStorage(settings: Record<string, string>): Promise<CheckReport> {
  const { status, stdout, stderr } = await hanabiWith(settings, 'storage', 'check', '--json');
  if (!stdout) throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Omit<CheckReport, 'status'>), status };
}
