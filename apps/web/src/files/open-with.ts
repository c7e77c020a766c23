/** Which modules open a file. */
import type { ModuleSummary } from '@hanabi/protocol';

const order = { 'first-party': 0, example: 1, operator: 2, store: 3, draft: 4 } as const;

/**
 * The modules that name the file's extension, the one that a double click takes first: the one the person chose, then
 * the longer extension ("tar.gz" before "gz") before the shorter, and those in the box before others.
 */
export function modulesFor(
  modules: readonly ModuleSummary[],
  fileName: string,
  associations: Readonly<Record<string, string>> = {},
): ModuleSummary[] {
  const name = fileName.toLowerCase();
  const chosen = chosenModule(associations, name);
  return modules
    .map((module) => ({ module, length: matchLength(module, name) }))
    .filter(({ length }) => length > 0)
    .sort(
      (a, b) =>
        Number(b.module.id === chosen) - Number(a.module.id === chosen) ||
        b.length - a.length ||
        order[a.module.origin] - order[b.module.origin],
    )
    .map(({ module }) => module);
}

/** The module chosen for the longest of the file's extensions that one was chosen for. */
export function chosenModule(associations: Readonly<Record<string, string>>, name: string): string | null {
  const parts = name.toLowerCase().split('.').slice(1);
  for (let start = 0; start < parts.length; start += 1) {
    const extension = parts.slice(start).join('.');
    if (Object.hasOwn(associations, extension)) return associations[extension]!;
  }
  return null;
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
