/** A desktop server in memory, as far as the components need one. */
import { type FileEntry, type FolderEntry, HanabiError, type ModuleSummary } from '@hanabi/protocol';
import type { DesktopApi } from '../src/desktop/shell.svelte.ts';

const at = '2026-06-01T10:00:00.000Z';

export function module(id: string, fields: Partial<ModuleSummary> = {}): ModuleSummary {
  return {
    id,
    name: id,
    version: '1.0.0',
    summary: `What ${id} does`,
    origin: 'example',
    icon_data_url: null,
    permissions: [],
    file_associations: [],
    jump_list: [],
    has_worker: false,
    ...fields,
  };
}

export class MemoryApi implements DesktopApi {
  readonly folders: FolderEntry[] = [];
  readonly files: FileEntry[] = [];
  installed: ModuleSummary[] = [];
  /** Set: every upload waits here until the test lets it go on. */
  uploadGate: Promise<void> = Promise.resolve();

  constructor() {
    this.addFolder('home', null, 'root');
  }

  addFolder(name: string, parent_id: string | null = 'root', id = `folder-${name}`): string {
    this.folders.push({ id, name, parent_id, updated_at: at, module_id: null });
    return id;
  }

  addFile(name: string, folder_id = 'root', size_bytes = 100): string {
    const id = `file-${name}`;
    this.files.push({ id, name, folder_id, size_bytes, mime_type: 'application/octet-stream', updated_at: at });
    return id;
  }

  session = () => Promise.resolve(null);
  signIn = () => Promise.reject(new HanabiError('HANABI-A002'));
  signOut = () => Promise.resolve();
  modules = () => Promise.resolve(this.installed);
  launch = () => Promise.reject(new HanabiError('HANABI-M001'));
  endLaunch = () => Promise.resolve();
  pickForLaunch = () => Promise.reject(new HanabiError('HANABI-M002'));
  contentUrl = (fileId: string, inline = false) => `/content/${fileId}${inline ? '?inline=1' : ''}`;

  async folder(id: string) {
    const folder = this.folders.find((candidate) => candidate.id === id);
    if (!folder) throw new HanabiError('HANABI-F001');
    const path: { id: string; name: string }[] = [];
    for (let step: FolderEntry | undefined = folder; step; step = this.folders.find((f) => f.id === step?.parent_id)) {
      path.unshift({ id: step.id, name: step.name });
    }
    const folders = this.folders.filter((candidate) => candidate.parent_id === id);
    return { folder, path, folders, files: this.files.filter((file) => file.folder_id === id) };
  }

  async makeFolder(parentId: string, name: string) {
    if (this.folders.some((folder) => folder.parent_id === parentId && folder.name === name)) {
      throw new HanabiError('HANABI-F006');
    }
    this.addFolder(name, parentId);
    return this.folders.at(-1)!;
  }

  async upload(folderId: string, file: File, onProgress: (sent: number, total: number) => void, signal: AbortSignal) {
    onProgress(file.size / 2, file.size);
    await this.uploadGate;
    if (signal.aborted) throw new HanabiError('HANABI-W016');
    if (file.name.includes('broken')) throw new HanabiError('HANABI-F008');
    this.addFile(file.name, folderId, file.size);
    return this.files.at(-1)!;
  }
}
