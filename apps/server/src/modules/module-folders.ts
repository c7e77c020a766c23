import { type Manifest, safeSubpath } from '@hanabi/protocol';
import type { UserRow } from '../accounts/users.ts';
import type { FileTree, FolderRow } from '../storage/file-tree.ts';
import { MODULES_FOLDER } from '../storage/protected.ts';

export interface ModuleFolder {
  folder: FolderRow;
  /** Names from the top, separated by "/". */
  path: string;
}

/** The folders that a manifest names, for one user; what is missing is made. */
export async function ensureModuleFolders(tree: FileTree, user: UserRow, manifest: Manifest): Promise<ModuleFolder[]> {
  const home = (await tree.folder(user.id, user.root_folder_id))!;
  const { root, folders } = manifest.filesystem;
  const modules = await tree.ensurePath(home, [MODULES_FOLDER]);
  const base = await tree.ensureModuleRoot(
    modules,
    root.slice(MODULES_FOLDER.length + 1).normalize('NFC'),
    manifest.id,
  );
  const made: ModuleFolder[] = [];
  for (const { path, role } of folders) {
    const below = safeSubpath(path.slice(root.length + 1));
    const folder = await tree.setRole(await tree.ensurePath(base, below), role);
    made.push({ folder, path: [MODULES_FOLDER, base.name, ...below].join('/') });
  }
  return made;
}
