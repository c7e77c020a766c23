/** The Python files of a package: what stacks may name, and where the names of its commands come from. */
import { readFile } from 'node:fs/promises';
import { LIMITS } from '@hanabi/protocol';
import { packageFiles } from '@hanabi/module-package';

/** By path below the package. Those that are too large to be shown are left out. */
export type SourceFiles = ReadonlyMap<string, string>;

export async function readSources(package_dir: string): Promise<SourceFiles> {
  const files = (await packageFiles(package_dir)).filter(
    ({ path, size_bytes }) => path.endsWith('.py') && size_bytes <= LIMITS.package_shown_file_bytes_max,
  );
  return new Map(
    await Promise.all(files.map(async ({ path, source }) => [path, await readFile(source, 'utf8')] as const)),
  );
}

/** Whether one of the files has this word, by itself. A name that code has put together from data is in none. */
export function isWritten(sources: readonly SourceFiles[], word: string): boolean {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const found = new RegExp(`(?<!\\w)${escaped}(?!\\w)`, 'u');
  return sources.some((files) => [...files.values()].some((text) => found.test(text)));
}
