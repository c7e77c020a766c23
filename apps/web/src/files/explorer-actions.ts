/** What can be done with an entry, for double click, Enter and the context menus alike. */
import type { FileEntry } from '@hanabi/protocol';
import type { Shell } from '../desktop/shell.svelte.ts';
import { t } from '../i18n/i18n.ts';
import type { MenuItem } from '../ui/menu-state.svelte.ts';
import { moduleIcon } from '../ui/program-icon.ts';
import type { Entry } from './entries.ts';
import { modulesFor } from './open-with.ts';

/** Opens a file with the module it belongs to; a file that none belongs to is downloaded. */
export function openEntry(shell: Shell, file: FileEntry): void {
  const module = modulesFor(shell.modules, file.name)[0];
  if (module) shell.openModule(module, { file_id: file.id }, file.name);
  else download(shell, file);
}

function download(shell: Shell, file: FileEntry): void {
  const link = document.createElement('a');
  link.href = shell.api.contentUrl(file.id);
  link.download = file.name;
  link.click();
}

export function entryMenu(shell: Shell, entry: Entry, open: () => void): MenuItem[] {
  const items: MenuItem[] = [
    { label: t('files.open'), icon: entry.kind === 'folder' ? 'folder' : 'open', choose: open },
  ];
  if (entry.kind === 'folder') return items;
  const { file } = entry;
  const modules = modulesFor(shell.modules, file.name);
  if (modules.length > 0) {
    items.push({
      label: t('files.openWith'),
      icon: 'modules',
      items: modules.map((module) => ({
        label: module.name,
        picture: moduleIcon(module),
        choose: () => shell.openModule(module, { file_id: file.id }, file.name),
      })),
    });
  }
  items.push({ label: t('files.download'), icon: 'download', separated: true, choose: () => download(shell, file) });
  return items;
}

interface FolderCommands {
  newFolder: () => void;
  upload: () => void;
  refresh: () => void;
}

export function folderMenu(commands: FolderCommands): MenuItem[] {
  return [
    { label: t('files.newFolder'), icon: 'folderPlus', choose: commands.newFolder },
    { label: t('files.upload.button'), icon: 'upload', choose: commands.upload },
    { label: t('files.refresh'), icon: 'refresh', separated: true, choose: commands.refresh },
  ];
}
