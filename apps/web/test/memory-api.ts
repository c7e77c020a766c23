/** A desktop server in memory, as far as the components need one. */
import {
  type DataDocument,
  type FileEntry,
  type FolderEntry,
  HanabiError,
  type ItemEntries,
  type ItemRef,
  type KeptData,
  type ModuleSummary,
  type UnseenNotice,
  type UserJobDetails,
  type UserSchedule,
} from '@hanabi/protocol';
import type { UploadWatch } from '../src/api/upload.ts';
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
    connectors: [],
    file_associations: [],
    jump_list: [],
    has_worker: false,
    allow_multiple: true,
    ...fields,
  };
}

type Item = ItemEntries['items'][number];

export class MemoryApi implements DesktopApi {
  folders: FolderEntry[] = [];
  files: FileEntry[] = [];
  /** Where each thing lay that is in the Trash now. */
  readonly thrown = new Map<string, string>();
  installed: ModuleSummary[] = [];
  chosen: Record<string, string> = {};
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

  work: UserJobDetails[] = [];
  timetable: UserSchedule[] = [];
  /** What was asked of jobs, as "deed id". */
  readonly deeds: string[] = [];

  jobs = async (wish: { module?: string; state?: string; ids?: string; before?: string }) => {
    const ids = wish.ids?.split(',');
    const states = wish.state?.split(',');
    const jobs = this.work.filter(
      ({ id, state, module_id }) =>
        (!ids || ids.includes(id)) && (!states || states.includes(state)) && (wish.module ?? module_id) === module_id,
    );
    return { jobs, next: null };
  };

  job = async (id: string) => {
    const found = this.work.find((candidate) => candidate.id === id);
    if (!found) throw new HanabiError('HANABI-W020', id);
    return found;
  };

  cancelJob = async (id: string) => {
    this.deeds.push(`cancel ${id}`);
    this.work = this.work.map((one) => (one.id === id ? { ...one, state: 'cancelled' as const } : one));
    return this.job(id);
  };

  runAgain = async (id: string) => {
    this.deeds.push(`again ${id}`);
    const job = { ...(await this.job(id)), id: `${id}-again`, state: 'queued' as const, error: null };
    this.work = [job, ...this.work];
    return job;
  };

  schedules = async () => ({ schedules: this.timetable });

  toggleSchedule = async (id: string, enabled: boolean) => {
    this.timetable = this.timetable.map((one) => (one.id === id ? { ...one, enabled, next_run_at: null } : one));
    return this.schedules();
  };

  runSchedule = (id: string) => this.runAgain(id);

  deleteSchedule = async (id: string) => {
    this.timetable = this.timetable.filter((one) => one.id !== id);
  };

  session = () => Promise.resolve(null);
  signInWithPasskey = () => Promise.reject(new HanabiError('HANABI-A016'));
  signUp = () => Promise.reject(new HanabiError('HANABI-A007'));
  signIn = () => Promise.reject(new HanabiError('HANABI-A002'));
  signOut = () => Promise.resolve();
  leave = () => {};
  modules = () => Promise.resolve(this.installed);
  launch = () => Promise.reject(new HanabiError('HANABI-M001'));
  checkLaunch = () => Promise.resolve();
  endLaunch = () => Promise.resolve();
  pickForLaunch = () => Promise.reject(new HanabiError('HANABI-M002'));
  contentUrl = (fileId: string, inline = false) => `/content/${fileId}${inline ? '?inline=1' : ''}`;
  thumbnailUrl = (fileId: string) => `/thumbnail/${fileId}`;
  zipUrl = (items: readonly ItemRef[], name: string) => `/zip/${name}?${items.map((ref) => refId(ref)).join(',')}`;
  desktop = () => Promise.resolve({ folder_id: null, folders: [], files: [], shortcuts: [] });
  desktopFolder = () => this.folder('desktop').then(({ folder }) => folder);
  removeShortcut = () => Promise.resolve();
  storage = () => Promise.resolve({ used_bytes: 1_200_000, limit_bytes: 10_000_000, trash_bytes: 0 });
  head = () => Promise.resolve(new Uint8Array());
  kept: KeptData['modules'] = [];
  /** Documents by module and collection, the newest first. */
  documents: Record<string, Record<string, DataDocument[]>> = {};
  keptData = () => Promise.resolve({ modules: this.kept });
  keptCollections = (moduleId: string) => {
    const collections = Object.entries(this.documents[moduleId] ?? {}).map(([name, all]) => {
      return { name, count: all.length };
    });
    const none = { collections: 0, records: 0, bytes: 0 };
    return Promise.resolve({ collections, usage: none, quota: none });
  };
  keptDocuments = (moduleId: string, collection: string, after: string | null) => {
    const all = this.documents[moduleId]?.[collection] ?? [];
    const from = Number(after ?? 0);
    const docs = all.slice(from, from + 2);
    const next = from + 2 < all.length ? String(from + 2) : null;
    return Promise.resolve({ total: all.length, limit: 2, offset: 0, docs, next });
  };
  deleteKept = (moduleId: string, { collection, id }: { collection?: string; id?: string } = {}) => {
    const all = this.documents[moduleId] ?? {};
    if (collection === undefined) {
      delete this.documents[moduleId];
      this.kept = this.kept.filter(({ module_id }) => module_id !== moduleId);
    } else if (id === undefined) delete all[collection];
    else all[collection] = all[collection]!.filter((document) => document.id !== id);
    return Promise.resolve();
  };
  keptExportUrl = (moduleId: string) => `/api/module-data/${moduleId}/export`;
  /** What workflows said, the newest first. */
  unseen: UnseenNotice[] = [];
  notices = () => Promise.resolve({ notices: [...this.unseen] });
  async noticesSeen(ids: readonly string[]): Promise<void> {
    this.unseen = this.unseen.filter(({ id }) => !ids.includes(id));
  }
  associations = () => Promise.resolve({ modules: this.chosen });

  async associate(extension: string, moduleId: string | null) {
    const { [extension]: _, ...others } = this.chosen;
    this.chosen = moduleId === null ? others : { ...others, [extension]: moduleId };
    return { modules: this.chosen };
  }

  async folder(id: string) {
    const folder = this.folders.find((candidate) => candidate.id === id);
    if (!folder) throw new HanabiError('HANABI-F001');
    const here = <Thing extends { id: string }>(things: Thing[], parent: (thing: Thing) => string | null) =>
      things.filter((thing) => parent(thing) === id && !this.thrown.has(thing.id));
    return {
      folder,
      path: this.#path(id),
      folders: here(this.folders, (child) => child.parent_id),
      files: here(this.files, (file) => file.folder_id),
    };
  }

  async makeFolder(parentId: string, name: string) {
    if (this.folders.some((folder) => folder.parent_id === parentId && folder.name === name)) {
      throw new HanabiError('HANABI-F006');
    }
    this.addFolder(name, parentId);
    return this.folders.at(-1)!;
  }

  async rename(ref: ItemRef, name: string) {
    if (name.includes('/')) throw new HanabiError('HANABI-F005', name);
    return this.#answer([ref], (item) => this.#change(item, { name }));
  }

  async move(refs: ItemRef[], folderId: string) {
    return this.#answer(refs, (item) => this.#change(item, {}, folderId));
  }

  async copy(refs: ItemRef[], folderId: string) {
    return this.#answer(refs, (item) => {
      if ('folder' in item) return { folder: { ...item.folder, id: `${item.folder.id}-copy`, parent_id: folderId } };
      const copy = { ...item.file, id: `${item.file.id}-copy`, folder_id: folderId };
      if (folderId === item.file.folder_id) copy.name = item.file.name.replace('.', ' (2).');
      this.files.push(copy);
      return { file: copy };
    });
  }

  async moveToTrash(refs: ItemRef[]) {
    for (const ref of refs) this.thrown.set(refId(ref), 'root');
  }

  async restore(refs: ItemRef[]) {
    for (const ref of refs) this.thrown.delete(refId(ref));
    return this.#answer(refs, (item) => item);
  }

  async trash() {
    const items = [...this.thrown.keys()].map((id) => ({ ...this.#item(id), trashed_at: at, from: ['home'] }));
    return { items };
  }

  async deleteTrashed(refs: ItemRef[]) {
    for (const ref of refs) {
      const id = refId(ref);
      if (!this.thrown.delete(id)) throw new HanabiError('HANABI-F001', id);
      this.files = this.files.filter((file) => file.id !== id);
      this.folders = this.folders.filter((folder) => folder.id !== id);
    }
  }

  async emptyTrash() {
    this.files = this.files.filter(({ id }) => !this.thrown.has(id));
    this.folders = this.folders.filter(({ id }) => !this.thrown.has(id));
    this.thrown.clear();
  }

  async properties(ref: ItemRef) {
    const item = this.#item(refId(ref));
    const { name, size_bytes, mime_type } =
      'file' in item ? item.file : { name: item.folder.name, size_bytes: 0, mime_type: null };
    const path = [{ id: 'root', name: 'home' }];
    return { name, path, size_bytes, files: 1, folders: 0, created_at: at, updated_at: at, mime_type, sha256: null };
  }

  async search(text: string) {
    const items = this.files.filter(({ name }) => name.includes(text));
    return { items: items.map((file) => ({ file, path: this.#path(file.folder_id) })) };
  }

  async recent() {
    return { items: this.files.map((file) => ({ file, path: this.#path(file.folder_id) })) };
  }

  async upload(folderId: string, file: File, watch: UploadWatch, signal: AbortSignal) {
    watch.onprogress(file.size / 2);
    await this.uploadGate;
    if (signal.aborted) throw new HanabiError('HANABI-W016');
    if (file.name.includes('broken')) throw new HanabiError('HANABI-F008');
    return this.addFile(file.name, folderId, file.size);
  }

  #path(id: string): { id: string; name: string }[] {
    const path: { id: string; name: string }[] = [];
    const find = (wanted: string | null) => this.folders.find((folder) => folder.id === wanted);
    for (let step = find(id); step; step = find(step.parent_id)) path.unshift({ id: step.id, name: step.name });
    return path;
  }

  #item(id: string): Item {
    const file = this.files.find((candidate) => candidate.id === id);
    if (file) return { file };
    const folder = this.folders.find((candidate) => candidate.id === id);
    if (!folder) throw new HanabiError('HANABI-F001', id);
    return { folder };
  }

  #answer(refs: ItemRef[], act: (item: Item) => Item): ItemEntries {
    return { items: refs.map((ref) => act(this.#item(refId(ref)))) };
  }

  #change(item: Item, fields: { name?: string }, folderId?: string): Item {
    if ('file' in item) {
      const file = { ...item.file, ...fields, folder_id: folderId ?? item.file.folder_id };
      this.files = this.files.map((other) => (other.id === file.id ? file : other));
      return { file };
    }
    const folder = { ...item.folder, ...fields, parent_id: folderId ?? item.folder.parent_id };
    this.folders = this.folders.map((other) => (other.id === folder.id ? folder : other));
    return { folder };
  }
}

function refId(ref: ItemRef): string {
  return 'file_id' in ref ? ref.file_id : ref.folder_id;
}
