/** Files that are dropped onto a module: they are put into its input folder, and then it hears of them. */
import type { FileRef } from '@hanabi/protocol';
import type { Shell } from '../desktop/shell.svelte.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import { t } from '../i18n/i18n.ts';
import type { DroppedTree } from './dropped-files.ts';
import type { Entry } from './entries.ts';

/** Copies of files of the desktop; the module gets its own, and the person's stay where they are. */
export async function copyIntoModule(shell: Shell, folderId: string, entries: readonly Entry[]): Promise<FileRef[]> {
  const files = entries.filter((entry) => entry.kind === 'file');
  const copied = await shell.files.copy(files, folderId);
  return copied.flatMap((entry) => (entry.kind === 'file' ? [fileRef(entry.file)] : []));
}

/** Files of the computer. Of folders the files count: a module is told of files only. */
export async function uploadIntoModule(shell: Shell, folderId: string, tree: DroppedTree): Promise<FileRef[]> {
  const uploads = shell.uploads.add(
    folderId,
    tree.files.map(({ file }) => file),
  );
  const label = t('uploads.title', { count: uploads.length });
  const ids = await shell.files.tasks.run(label, uploads.length, (task) =>
    Promise.all(uploads.map((upload) => upload.ended.finally(() => (task.done += 1)))),
  );
  for (const { error } of uploads) if (error) shell.tellError(error, t('uploads.failed'));
  try {
    const { files } = await shell.api.folder(folderId);
    return files.filter((file) => ids.includes(file.id)).map(fileRef);
  } catch (cause) {
    shell.tellError(asHanabiError(cause), t('uploads.failed'));
    return [];
  }
}

/** Only what the module may know. */
function fileRef({ id, name, mime_type, size_bytes }: FileRef): FileRef {
  return { id, name, mime_type, size_bytes };
}
