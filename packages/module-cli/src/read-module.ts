/** A module folder as its author has it: the manifest checked, and the files that it names. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { type Manifest, MANIFEST_FILE, type ManifestProblem, validateManifest } from '@hanabi/protocol';
import { UsageError } from './command.ts';
import { workerTiers } from './worker-tiers.ts';

export interface ModuleFolder {
  folder: string;
  manifest?: Manifest;
  problems: ManifestProblem[];
}

export async function readModule(dir: string): Promise<ModuleFolder> {
  const folder = resolve(dir);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`${dir} is not a folder`);
  const verdict = validateManifest(await readJson(join(folder, MANIFEST_FILE)), Object.keys(workerTiers()));
  if (!verdict.ok) return { folder, problems: verdict.problems };
  return { folder, manifest: verdict.manifest, problems: await entryProblems(folder, verdict.manifest) };
}

/** What cannot be read or parsed is as far from a manifest as null is, but the reason is worth more. */
async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`${path} is missing; "hanabi module init" writes one`);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
  }
}

async function entryProblems(folder: string, manifest: Manifest): Promise<ManifestProblem[]> {
  const problems: ManifestProblem[] = [];
  const inside = (await realpath(folder)) + sep;
  for (const [name, path] of Object.entries(manifest.entrypoints)) {
    const file = await realpath(join(folder, path)).catch(() => undefined);
    const isFile = file !== undefined && (await stat(file)).isFile();
    const message = !isFile
      ? `there is no file ${path}`
      : !file.startsWith(inside)
        ? `${path} leads outside`
        : undefined;
    if (message) problems.push({ code: 'HANABI-V005', path: `entrypoints.${name}`, message });
  }
  return problems;
}

export function describeProblem({ code, path, message }: ManifestProblem): string {
  return `${code} ${path ? `${path}: ` : ''}${message}`;
}
