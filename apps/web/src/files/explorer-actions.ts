/** What can be done with files beyond moving them about: opening and downloading. */
import { type FileEntry, HanabiError, type ItemRef } from '@hanabi/protocol';
import type { Shell } from '../desktop/shell.svelte.ts';
import { t } from '../i18n/i18n.ts';
import { type Entry, refOf } from './entries.ts';
import { modulesFor } from './open-with.ts';

/** More names than this do not fit into an address. */
const zip_items_max = 200;

/**
 * Opens a file with the module it belongs to. One that none belongs to is shown, where there is something that shows it
 * and answers true, or else it is downloaded.
 */
export async function openFile(
  shell: Shell,
  file: Pick<FileEntry, 'id' | 'name'>,
  show: () => boolean = () => false,
): Promise<void> {
  // Asked too early, every file would seem to belong to none.
  await shell.knowModules();
  const module = modulesFor(shell.modules, file.name, shell.associations)[0];
  if (module) shell.openModule(module, { file_id: file.id }, file.name);
  else if (!show()) downloadFile(shell, file);
}

/** Says so, for whoever wanted to open the file would otherwise see nothing happen. */
function downloadFile(shell: Shell, file: Pick<FileEntry, 'id' | 'name'>): void {
  follow(shell.api.contentUrl(file.id), file.name);
  shell.notices.flash({
    source: t('app.name'),
    icon: { kind: 'shell' },
    title: t('files.downloading', { name: file.name }),
    message: t('files.downloading.why'),
    tone: 'info',
  });
}

/** One file as it is, anything else as an archive. `whole` stands for all of the entries at once. */
export function download(shell: Shell, entries: readonly Entry[], title: string, whole: ItemRef | null): void {
  const only = entries.length === 1 ? entries[0]! : null;
  if (only?.kind === 'file') return follow(shell.api.contentUrl(only.id), only.name);
  const items = whole ? [whole] : entries.map(refOf);
  if (items.length > zip_items_max) {
    return shell.tellError(new HanabiError('HANABI-V008', t('files.zip.tooMany')), t('files.download'));
  }
  const name = `${only?.name ?? title}.zip`;
  follow(shell.api.zipUrl(items, name), name);
}

function follow(href: string, name: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
}
