/** Which modules open a file. */
import type { ModuleSummary } from '@hanabi/protocol';

const order = { 'first-party': 0, example: 1, operator: 2 } as const;

/**
 * The modules that name the file's extension, the one that a double click takes first: those in the box come before
 * others, and the longer extension ("tar.gz" before "gz") before the shorter.
 */
export function modulesFor(modules: readonly ModuleSummary[], fileName: string): ModuleSummary[] {
  const name = fileName.toLowerCase();
  return modules
    .map((module) => ({ module, length: matchLength(module, name) }))
    .filter(({ length }) => length > 0)
    .sort((a, b) => b.length - a.length || order[a.module.origin] - order[b.module.origin])
    .map(({ module }) => module);
}

function matchLength(module: ModuleSummary, name: string): number {
  const lengths = module.file_associations.map((extension) => (name.endsWith(`.${extension}`) ? extension.length : 0));
  return Math.max(0, ...lengths);
}

/** Whether a file has one of the extensions; no list means any file. */
export function isAccepted(fileName: string, accepts: readonly string[] | undefined): boolean {
  if (!accepts || accepts.length === 0) return true;
  const name = fileName.toLowerCase();
  return accepts.some((extension) => name.endsWith(`.${extension.replace(/^\.+/, '').toLowerCase()}`));
}
