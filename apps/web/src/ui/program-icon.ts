import type { ModuleSummary } from '@hanabi/protocol';

/** Which picture stands for a program. `shell` is the desktop itself. */
export type ProgramIcon =
  | { kind: 'explorer' }
  | { kind: 'trash' }
  | { kind: 'module-data' }
  | { kind: 'jobs' }
  | { kind: 'services' }
  | { kind: 'workflows' }
  | { kind: 'account' }
  | { kind: 'permissions' }
  | { kind: 'admin' }
  | { kind: 'store' }
  | { kind: 'portal' }
  | { kind: 'review' }
  | { kind: 'debugger' }
  | { kind: 'settings' }
  | { kind: 'shell' }
  | { kind: 'module'; id: string; name: string; url: string | null };

/** Of a module by its id, also of one that has gone and is only known by its name. */
export function iconOf(modules: readonly ModuleSummary[], id: string, name: string): ProgramIcon {
  return moduleIcon(modules.find((module) => module.id === id) ?? { id, name, icon_data_url: null });
}

export function moduleIcon(module: Pick<ModuleSummary, 'id' | 'name' | 'icon_data_url'>): ProgramIcon {
  return { kind: 'module', id: module.id, name: module.name, url: module.icon_data_url };
}
