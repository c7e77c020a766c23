/** What can be started: File Explorer and the modules, one way for icons, Start menu and "Open with". */
import type { ModuleSummary } from '@hanabi/protocol';
import { t } from '../i18n/i18n.ts';
import { moduleIcon, type ProgramIcon } from '../ui/program-icon.ts';

export interface Program {
  id: string;
  name: string;
  summary: string;
  icon: ProgramIcon;
  /** Left out for File Explorer. */
  module?: ModuleSummary;
  actions: readonly { id: string; label: string }[];
}

export function explorerProgram(): Program {
  return {
    id: 'explorer',
    name: t('programs.explorer'),
    summary: t('programs.explorer.summary'),
    icon: { kind: 'explorer' },
    actions: [],
  };
}

export function moduleProgram(module: ModuleSummary): Program {
  const { name, summary, jump_list: actions } = module;
  return { id: `module:${module.id}`, name, summary, icon: moduleIcon(module), module, actions };
}

export interface StartRow {
  program: Program;
  action?: { id: string; label: string };
}

/**
 * The rows of the Start menu: every program with its actions below it, or those that answer a search, the best first.
 * Names that begin with the query come before names that hold it, and those before matches in the summary.
 */
export function startRows(programs: readonly Program[], query: string): StartRow[] {
  const wanted = query.trim().toLocaleLowerCase();
  const rows = programs.flatMap((program): StartRow[] => [
    { program },
    ...program.actions.map((action) => ({ program, action })),
  ]);
  if (wanted === '') return rows;
  return rows
    .map((row) => ({ row, rank: rank(row, wanted) }))
    .filter(({ rank: place }) => place < 4)
    .sort((a, b) => a.rank - b.rank)
    .map(({ row }) => row);
}

function rank({ program, action }: StartRow, wanted: string): number {
  const name = (action?.label ?? program.name).toLocaleLowerCase();
  if (name.startsWith(wanted)) return 0;
  if (name.split(/\s+/).some((word) => word.startsWith(wanted))) return 1;
  if (name.includes(wanted)) return 2;
  return !action && program.summary.toLocaleLowerCase().includes(wanted) ? 3 : 4;
}
