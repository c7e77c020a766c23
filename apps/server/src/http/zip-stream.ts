/** Files and folders as one zip that is written while it is read: nothing of it is ever whole in memory or on disk. */
import type { Readable } from 'node:stream';
import { numberedName } from '@hanabi/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { ZipFile } from 'yazl';
import type { Context } from '../context.ts';
import type { FileRow, FolderRow, Item } from '../storage/file-tree.ts';
import { itemName } from '../storage/rows.ts';

/** What is worth the processor time; pictures, films, archives and office files are compressed already. */
const WORTH_DEFLATING =
  /^(?:text\/|image\/(?:svg|bmp|x-icon|tiff)|audio\/(?:x-)?wav|application\/(?:json|javascript|xml|x-sh|sql|rtf|x-tar|wasm|msword|.*\+(?:json|xml)))/;

export async function zipStream(
  context: Context,
  items: readonly Item[],
  log: Pick<FastifyBaseLogger, 'error'>,
): Promise<Readable> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  let reading: Readable | undefined;
  const addFile = (file: FileRow, path: string): void => {
    const options = {
      mtime: new Date(file.updated_at),
      size: file.size_bytes,
      compress: WORTH_DEFLATING.test(file.mime_type),
    };
    zip.addReadStreamLazy(path, options, (opened) => {
      reading = context.blobs.stream(file.sha256);
      // The zip does not listen to a stream that it is given; a content that breaks off must break off the zip.
      reading.once('error', (error) => zip.emit('error', error));
      opened(null, reading);
    });
  };
  // Whoever downloads sees a zip that broke off; what happened stands in the log.
  zip.on('error', (error: unknown) => {
    log.error({ err: error }, 'a zip broke off');
    output.destroy(error as Error);
  });
  output.once('close', () => reading?.destroy());

  const taken = new Set<string>();
  const files: [FileRow, string][] = [];
  for (const item of items) {
    const name = unique(itemName(item), taken);
    if (item.kind === 'file') files.push([item.file, name]);
    else files.push(...(await addFolders(context, zip, item.folder, name)));
  }
  // Folders all stand first: a long row of them behind a file would be written by a call inside a call inside a call.
  for (const [file, path] of files) addFile(file, path);
  zip.end();
  return output;
}

/** Returns the files below, each with its path. */
async function addFolders(context: Context, zip: ZipFile, top: FolderRow, name: string): Promise<[FileRow, string][]> {
  const { folders, files } = await context.tree.subtree(top);
  const paths = new Map<string | null, string>();
  for (const folder of folders) {
    const path = folder.id === top.id ? name : `${paths.get(folder.parent_id)!}/${folder.name}`;
    paths.set(folder.id, path);
    zip.addEmptyDirectory(path, { mtime: new Date(folder.updated_at) });
  }
  return files.map((file) => [file, `${paths.get(file.folder_id)!}/${file.name}`]);
}

/** Chosen items may come from several folders. */
function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = numberedName(name, number);
  taken.add(free);
  return free;
}
