/** Files and folders that come from the computer, as a tree. */
export interface DroppedTree {
  /** Every folder, those above before those below. */
  folders: string[][];
  files: { file: File; folder: string[] }[];
}

/**
 * Reads what a drop or a paste brings. The items are only there while the event is handled, so they are taken before
 * anything is waited for; folders are walked afterwards.
 */
export async function readDropped(transfer: DataTransfer): Promise<DroppedTree> {
  const tree: DroppedTree = { folders: [], files: [] };
  const found = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  for (const { entry, file } of found) {
    if (entry) await walk(entry, [], tree);
    else if (file) tree.files.push({ file, folder: [] });
  }
  return tree;
}

/** What a file field that takes folders hands over: flat, with each file's way. */
export function readChosen(files: readonly File[]): DroppedTree {
  const tree: DroppedTree = { folders: [], files: [] };
  const known = new Set<string>();
  for (const file of files) {
    const folder = file.webkitRelativePath.split('/').slice(0, -1);
    for (let depth = 1; depth <= folder.length; depth += 1) {
      const path = folder.slice(0, depth);
      const key = path.join('/');
      if (!known.has(key)) tree.folders.push(path);
      known.add(key);
    }
    tree.files.push({ file, folder });
  }
  return tree;
}

async function walk(entry: FileSystemEntry, folder: string[], tree: DroppedTree): Promise<void> {
  if (entry.isFile) {
    tree.files.push({ file: await fileOf(entry as FileSystemFileEntry), folder });
    return;
  }
  const path = [...folder, entry.name];
  tree.folders.push(path);
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader hands a folder over in portions; an empty one is the end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return;
    for (const child of portion) await walk(child, path, tree);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
