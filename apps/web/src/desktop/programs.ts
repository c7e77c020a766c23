/** What can be started: File Explorer, the Trash and the modules, one way for icons, Start menu and "Open with". */
import type { ModuleSummary } from '@hanabi/protocol';
import type { Entry } from '../files/entries.ts';
import type { Place } from '../files/place.ts';
import { t } from '../i18n/i18n.ts';
import { moduleIcon, type ProgramIcon } from '../ui/program-icon.ts';
import type { ToolId } from './tools.ts';

/** The Start menu is for what is looked for; who wants to see all of them goes to File Explorer. */
const entries_max = 6;

export interface Program {
  id: string;
  name: string;
  summary: string;
  icon: ProgramIcon;
  /** A module, a place that File Explorer shows, or a tool of the desktop. */
  module?: ModuleSummary;
  place?: Place;
  tool?: ToolId;
  actions: readonly Action[];
  /** More actions, which only a search shows. */
  found?: readonly Action[];
}

interface Action {
  id: string;
  label: string;
}

export function explorerProgram(): Program {
  return {
    id: 'explorer',
    name: t('programs.explorer'),
    summary: t('programs.explorer.summary'),
    icon: { kind: 'explorer' },
    place: { kind: 'folder', id: 'root' },
    actions: [],
  };
}

export function trashProgram(): Program {
  return {
    id: 'trash',
    name: t('files.trash'),
    summary: t('programs.trash.summary'),
    icon: { kind: 'trash' },
    place: { kind: 'trash' },
    actions: [],
  };
}

export function moduleProgram(module: ModuleSummary): Program {
  const { name, summary, jump_list: actions } = module;
  return { id: `module:${module.id}`, name, summary, icon: moduleIcon(module), module, actions };
}

export interface StartRow {
  program: Program;
  action?: Action;
  /** A file or folder that a search has found. */
  entry?: Entry;
}

/**
 * The rows of the Start menu: every program with its actions below it, or those that answer a search, the best first.
 * Names that begin with the query come before names that hold it, and those before matches in the summary.
 */
export function startRows(programs: readonly Program[], query: string): StartRow[] {
  const wanted = query.trim().toLocaleLowerCase();
  const searching = wanted !== '';
  const rows = programs.flatMap((program): StartRow[] => {
    const actions = searching ? [...program.actions, ...(program.found ?? [])] : program.actions;
    return [{ program }, ...actions.map((action) => ({ program, action }))];
  });
  if (!searching) return rows;
  return rows
    .map((row) => ({ row, rank: rank(row, wanted) }))
    .filter(({ rank: place }) => place < 4)
    .sort((a, b) => a.rank - b.rank)
    .map(({ row }) => row);
}

/** The rows of what a search has found among the files. */
export function entryRows(entries: readonly Entry[]): StartRow[] {
  const program = explorerProgram();
  return entries.slice(0, entries_max).map((entry) => ({ program, entry }));
}

function rank({ program, action }: StartRow, wanted: string): number {
  const name = (action?.label ?? program.name).toLocaleLowerCase();
  if (name.startsWith(wanted)) return 0;
  if (name.split(/\s+/).some((word) => word.startsWith(wanted))) return 1;
  if (name.includes(wanted)) return 2;
  return !action && program.summary.toLocaleLowerCase().includes(wanted) ? 3 : 4;
}
