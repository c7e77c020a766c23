/** A module folder or a package file, through the validator that the server uses. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type PackageReport, unpack, validatePackage } from '@hanabi/module-package';
import { UsageError } from './command.ts';
import { pythonCheck } from './python-check.ts';
import { workerTiers } from './worker-tiers.ts';

export interface CheckedPackage {
  report: PackageReport;
  /** Whether `source` was a package file; else a folder. */
  is_file: boolean;
}

/** Throws HANABI-V013 to V019 for a file that cannot be unpacked. */
export async function checkPackage(source: string, backend: string | undefined): Promise<CheckedPackage> {
  const path = resolve(source);
  const found = await stat(path).catch(() => undefined);
  const options = { tiers: Object.keys(workerTiers()), checkPython: pythonCheck(backend) };
  if (found?.isDirectory()) return { report: await validatePackage(path, options), is_file: false };
  if (!found?.isFile()) throw new UsageError(`${source} is neither a folder nor a package file`);
  const scratch = await mkdtemp(join(tmpdir(), 'hanabi-check-'));
  try {
    const dir = join(scratch, 'package');
    await unpack(path, dir);
    return { report: await validatePackage(dir, options), is_file: true };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
