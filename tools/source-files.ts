/** The files of the project: all that stand below the root, but for what .gitignore names. Needs no git. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './setup/paths.mjs';

/** Paths below the root, with forward slashes, sorted. */
export function sourceFiles(extensions: readonly string[]): string[] {
  const ignored = ignoredFolders();
  const files: string[] = [];
  const visit = (folder: string) => {
    for (const entry of readdirSync(inRoot(folder), { withFileTypes: true })) {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!ignored.has(entry.name) && !ignored.has(`/${file}`)) visit(file);
      } else if (extensions.includes(path.posix.extname(entry.name))) {
        files.push(file);
      }
    }
  };
  visit('');
  return files.sort();
}

/** The patterns of .gitignore that name a folder; "/data" is one at the root, "dist" one anywhere. */
function ignoredFolders(): Set<string> {
  const lines = readFileSync(inRoot('.gitignore'), 'utf8').split('\n');
  const folders = lines.filter((line) => line.endsWith('/')).map((line) => line.slice(0, -1));
  return new Set(['.git', ...folders]);
}
