/** ctx.files: text files in the first folder of the module, which the user sees as well. */
import { HanabiError, LIMITS, type Manifest, safeSubpath } from '@hanabi/protocol';
import type { UserRow } from '../accounts/users.ts';
import { ensureModuleFolders } from '../modules/module-folders.ts';
import type { Blobs } from '../storage/blobs.ts';
import type { FileRow, FileTree, FolderRow } from '../storage/file-tree.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export class ServiceFiles {
  private readonly tree: FileTree;
  private readonly blobs: Blobs;
  private readonly user: UserRow;
  private readonly manifest: Manifest;

  constructor(parts: { tree: FileTree; blobs: Blobs }, user: UserRow, manifest: Manifest) {
    this.tree = parts.tree;
    this.blobs = parts.blobs;
    this.user = user;
    this.manifest = manifest;
  }

  async list(folder: string): Promise<{ name: string; size_bytes: number; is_folder: boolean }[]> {
    const found = await this.folderAt(await this.workspace(), safeSubpath(folder));
    if (!found) return [];
    const { folders, files } = await this.tree.children(found);
    return [
      ...folders.map(({ name }) => ({ name, size_bytes: 0, is_folder: true })),
      ...files.map(({ name, size_bytes }) => ({ name, size_bytes, is_folder: false })),
    ];
  }

  async read(path: string): Promise<string> {
    const file = await this.fileAt(path);
    const most = LIMITS.service_file_read_bytes_max;
    if (file.size_bytes > most) throw new HanabiError('HANABI-F004', `"${file.name}" has more than ${most} bytes`);
    try {
      return utf8.decode(await this.blobs.read(file.sha256));
    } catch (error) {
      if (error instanceof TypeError) throw new HanabiError('HANABI-F004', `"${file.name}" is not text`);
      throw error;
    }
  }

  async write(path: string, content: string): Promise<{ size_bytes: number }> {
    const names = safeSubpath(path);
    const name = names.pop();
    if (name === undefined) throw new HanabiError('HANABI-F001', path);
    const bytes = Buffer.from(content);
    const workspace = await this.workspace();
    const { files } = await this.tree.subtree(workspace);
    const held = files.reduce((sum, file) => sum + file.size_bytes, 0);
    if (held + bytes.length > LIMITS.service_files_bytes_max || files.length >= LIMITS.service_files_max) {
      throw new HanabiError('HANABI-Q015', 'the files of the service');
    }
    const folder = await this.tree.ensurePath(workspace, names);
    const blob = await this.blobs.writeBytes(bytes);
    await this.tree.putFile(folder, name, blob, 'replace');
    return { size_bytes: bytes.length };
  }

  /** Into the Trash, where the user can restore it. */
  async delete(path: string): Promise<void> {
    await this.tree.trash([{ kind: 'file', file: await this.fileAt(path) }]);
  }

  private async workspace(): Promise<FolderRow> {
    const folders = await ensureModuleFolders(this.tree, this.user, this.manifest);
    const role = (wanted: FolderRow['role']) => folders.find(({ folder }) => folder.role === wanted)?.folder;
    const found = role('workspace') ?? role('output');
    if (!found) throw new HanabiError('HANABI-F003', 'workspace', { role: 'workspace' });
    return found;
  }

  private async fileAt(path: string): Promise<FileRow> {
    const names = safeSubpath(path);
    const name = names.pop();
    const folder = await this.folderAt(await this.workspace(), names);
    const file = folder && (await this.tree.filesIn(folder)).find((one) => one.name === name);
    if (!file) throw new HanabiError('HANABI-F001', path);
    return file;
  }

  private async folderAt(start: FolderRow, names: readonly string[]): Promise<FolderRow | undefined> {
    let folder: FolderRow | undefined = start;
    for (const name of names) {
      if (!folder) return undefined;
      folder = (await this.tree.children(folder)).folders.find((one) => one.name === name);
    }
    return folder;
  }
}
