/** The icons of the desktop: places and modules, shortcuts, and what lies in its folder. */
import type { Entry } from '../files/entries.ts';
import { openFile } from '../files/explorer-actions.ts';
import { t } from '../i18n/i18n.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import type { MenuItem } from '../ui/menu-state.svelte.ts';
import { moduleIcon, type ProgramIcon } from '../ui/program-icon.ts';
import { actionItems } from './action-items.ts';
import type { Program } from './programs.ts';
import type { Shell } from './shell.svelte.ts';

export interface DesktopIcon {
  id: string;
  name: string;
  title: string;
  picture: { program: ProgramIcon } | { entry: Entry };
  open: () => void;
  menu: MenuItem[];
}

/** Tools are found in the Start menu; the desktop is for places and modules. */
export function desktopIcons(shell: Shell): DesktopIcon[] {
  return [
    ...shell.programs.filter(({ tool }) => tool === undefined).map((program) => programIcon(shell, program)),
    ...shortcutIcons(shell),
    ...shell.contents.entries.map((entry) => entryIcon(shell, entry)),
  ];
}

function programIcon(shell: Shell, program: Program): DesktopIcon {
  const open = () => shell.start({ program });
  return {
    id: program.id,
    name: program.name,
    title: program.summary,
    picture: { program: program.icon },
    open,
    menu: [{ label: t('action.open'), icon: 'open', choose: open }, ...actionItems(shell, program)],
  };
}

/** Those of modules that are there; the others wait until theirs is installed again. */
function shortcutIcons(shell: Shell): DesktopIcon[] {
  return shell.contents.shortcuts.flatMap(({ id, module_id, label, action, file_id }) => {
    const module = shell.modules.find((candidate) => candidate.id === module_id);
    if (!module) return [];
    const open = () => {
      shell.openModule(module, { ...(action !== null && { action }), ...(file_id !== null && { file_id }) });
    };
    const remove = () =>
      shell.contents.removeShortcut(id).catch((cause: unknown) => {
        shell.tellError(asHanabiError(cause), t('desktop.shortcut.remove'));
      });
    return [
      {
        id: `shortcut:${id}`,
        name: label,
        title: t('desktop.shortcut', { label, module: module.name }),
        picture: { program: moduleIcon(module) },
        open,
        menu: [
          { label: t('action.open'), icon: 'open' as const, choose: open },
          { label: t('desktop.shortcut.remove'), icon: 'close' as const, separated: true, choose: () => void remove() },
        ],
      },
    ];
  });
}

function entryIcon(shell: Shell, entry: Entry): DesktopIcon {
  const open = () => {
    if (entry.kind === 'folder') shell.openExplorer({ kind: 'folder', id: entry.id });
    else void openFile(shell, entry.file);
  };
  const parent = entry.kind === 'file' ? entry.file.folder_id : entry.folder.parent_id;
  return {
    id: `${entry.kind}:${entry.id}`,
    name: entry.name,
    title: entry.name,
    picture: { entry },
    open,
    menu: [
      { label: t('action.open'), icon: 'open', choose: open },
      { label: t('files.reveal'), icon: 'folder', choose: () => parent !== null && shell.showFolder(parent) },
      { label: t('files.toTrash'), icon: 'trash', separated: true, choose: () => void shell.files.trash([entry]) },
    ],
  };
}
