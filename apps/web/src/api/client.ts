/** What the desktop asks of its server. Shapes stand in `packages/protocol/src/desktop-api`. */
import {
  type Associations,
  type DataCollections,
  type DataPage,
  DESKTOP_PATHS,
  type DesktopContent,
  type FileRef,
  type FolderEntry,
  type FolderListing,
  type FoundItems,
  HanabiError,
  type ItemEntries,
  type ItemProperties,
  type ItemRef,
  type KeptData,
  type Launch,
  type LaunchRequest,
  type ModuleSummary,
  type Session,
  type StorageUsage,
  type TrashListing,
  type UserJobDetails,
  type UserJobs,
  type UnseenNotices,
  type UserSchedules,
} from '@hanabi/protocol';
import { live } from '../live/live.ts';
import { request, requestJson, useCsrfToken } from './request.ts';
import { forgetCopy, keepOnlyCopyOf } from './settings-copy.ts';
import { signedIn } from './signed-in.ts';
import { upload } from './upload.ts';

const paths = DESKTOP_PATHS;

function entered(current: Session): Session {
  useCsrfToken(current.csrf_token);
  signedIn.userId = current.user.id;
  signedIn.name = current.user.name;
  keepOnlyCopyOf(current.user.id);
  return current;
}

/** Nobody is signed in any more. */
function leave(): void {
  useCsrfToken('');
  signedIn.userId = '';
  signedIn.name = '';
}

const post = <T>(path: string, json: unknown) => requestJson<T>(path, { method: 'POST', json });
const segment = encodeURIComponent;

export const api = {
  /** The current session, or null when nobody is signed in. */
  async session(): Promise<Session | null> {
    try {
      const current = await requestJson<Session | null>(paths.session);
      return current && entered(current);
    } catch (error) {
      if (error instanceof HanabiError && (error.code === 'HANABI-A001' || error.code === 'HANABI-A004')) return null;
      throw error;
    }
  },
  async signIn(name: string, password: string, code?: string): Promise<Session> {
    return entered(await post<Session>(paths.session, { name, password, code }));
  },
  async signInWithPasskey(proof: { answer: unknown }): Promise<Session> {
    return entered(await post<Session>(`${paths.session}/passkey`, proof));
  },
  async signUp(token: string | undefined, name: string, password: string): Promise<Session> {
    return entered(await post<Session>(`${paths.entrance}/account`, { token, name, password }));
  },
  async signOut(): Promise<void> {
    // It would be closed with the session, and take that for news.
    live.stop();
    try {
      await request(paths.session, { method: 'DELETE' });
    } catch (error) {
      live.start();
      throw error;
    }
    leave();
    await forgetCopy();
  },
  leave,
  async modules(): Promise<ModuleSummary[]> {
    return (await requestJson<{ modules: ModuleSummary[] }>(paths.modules)).modules;
  },
  launch: (wanted: LaunchRequest) => post<Launch>(paths.launches, wanted),
  /** Ends with the code that says why, when the launch may not go on. */
  async checkLaunch(id: string): Promise<void> {
    await request(`${paths.launches}/${id}`);
  },
  async endLaunch(id: string): Promise<void> {
    // With the session its launches have ended.
    if (signedIn.userId !== '') await request(`${paths.launches}/${id}`, { method: 'DELETE' });
  },
  /** Makes a file that the user picked in a dialog of the host readable for one launch. */
  async pickForLaunch(launchId: string, fileId: string): Promise<FileRef> {
    return (await post<{ file: FileRef }>(`${paths.launches}/${launchId}/picks`, { file_id: fileId })).file;
  },

  folder: (id: string) => requestJson<FolderListing>(`${paths.folders}/${segment(id)}`),
  makeFolder: (parentId: string, name: string) => post<FolderEntry>(paths.folders, { parent_id: parentId, name }),
  rename: (item: ItemRef, name: string) => post<ItemEntries>(`${paths.items}/rename`, { item, name }),
  move: (items: ItemRef[], folderId: string) =>
    post<ItemEntries>(`${paths.items}/move`, { items, folder_id: folderId }),
  copy: (items: ItemRef[], folderId: string) =>
    post<ItemEntries>(`${paths.items}/copy`, { items, folder_id: folderId }),
  async moveToTrash(items: ItemRef[]): Promise<void> {
    await request(`${paths.items}/trash`, { method: 'POST', json: { items } });
  },
  trash: () => requestJson<TrashListing>(paths.trash),
  restore: (items: ItemRef[]) => post<ItemEntries>(`${paths.trash}/restore`, { items }),
  async deleteTrashed(items: ItemRef[]): Promise<void> {
    await request(`${paths.trash}/delete`, { method: 'POST', json: { items } });
  },
  async emptyTrash(): Promise<void> {
    await request(paths.trash, { method: 'DELETE' });
  },
  properties: (item: ItemRef) =>
    requestJson<ItemProperties>(`${paths.items}/properties?${new URLSearchParams(Object.entries(item))}`),
  desktop: () => requestJson<DesktopContent>(paths.desktop),
  /** The folder whose content lies on the desktop; made if there is none yet. */
  desktopFolder: () => requestJson<FolderEntry>(`${paths.desktop}/folder`, { method: 'PUT', json: {} }),
  async removeShortcut(id: string): Promise<void> {
    await request(`${paths.desktop}/shortcuts/${segment(id)}`, { method: 'DELETE' });
  },
  search: (text: string) => requestJson<FoundItems>(`${paths.search}?q=${segment(text)}`),
  recent: () => requestJson<FoundItems>(paths.recent),
  storage: () => requestJson<StorageUsage>(paths.storage),
  notices: () => requestJson<UnseenNotices>(paths.notices),
  async noticesSeen(ids: readonly string[]): Promise<void> {
    await request(`${paths.notices}/seen`, { method: 'POST', json: { ids } });
  },
  associations: () => requestJson<Associations>(paths.associations),
  /** Which module opens the files of an extension; null: the one that the desktop would choose. */
  associate: (extension: string, moduleId: string | null) =>
    requestJson<Associations>(paths.associations, { method: 'PUT', json: { extension, module_id: moduleId } }),

  /** What modules keep for the user. */
  keptData: () => requestJson<KeptData>(paths.moduleData),
  keptCollections: (moduleId: string) => requestJson<DataCollections>(`${paths.moduleData}/${segment(moduleId)}`),
  keptDocuments(moduleId: string, collection: string, after: string | null): Promise<DataPage> {
    const query = new URLSearchParams({ collection, ...(after !== null && { after }) });
    return requestJson<DataPage>(`${paths.moduleData}/${segment(moduleId)}/documents?${query}`);
  },
  /** All of a module, a collection of it, or one document. */
  async deleteKept(moduleId: string, what: { collection?: string; id?: string } = {}): Promise<void> {
    const part = what.id === undefined ? (what.collection === undefined ? '' : '/collections') : '/documents';
    const query = new URLSearchParams(what);
    await request(`${paths.moduleData}/${segment(moduleId)}${part}?${query}`, { method: 'DELETE' });
  },
  keptExportUrl: (moduleId: string) => `${paths.moduleData}/${segment(moduleId)}/export`,

  /** The jobs of all modules, the newest first. */
  jobs(wish: { module?: string; state?: string; ids?: string; before?: string }): Promise<UserJobs> {
    return requestJson<UserJobs>(`${paths.jobs}?${new URLSearchParams(wish)}`);
  },
  job: (id: string) => requestJson<UserJobDetails>(`${paths.jobs}/${segment(id)}`),
  cancelJob: (id: string) => post<UserJobDetails>(`${paths.jobs}/${segment(id)}/cancel`, {}),
  runAgain: (id: string) => post<UserJobDetails>(`${paths.jobs}/${segment(id)}/again`, {}),
  schedules: () => requestJson<UserSchedules>(paths.schedules),
  toggleSchedule: (id: string, enabled: boolean) =>
    requestJson<UserSchedules>(`${paths.schedules}/${segment(id)}`, { method: 'PUT', json: { enabled } }),
  runSchedule: (id: string) => post<UserJobDetails>(`${paths.schedules}/${segment(id)}/run`, {}),
  async deleteSchedule(id: string): Promise<void> {
    await request(`${paths.schedules}/${segment(id)}`, { method: 'DELETE' });
  },

  upload,
  /** The beginning of a file's bytes. */
  async head(fileId: string, bytes_max: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const headers = { range: `bytes=0-${bytes_max - 1}` };
    const response = await request(`${paths.files}/${segment(fileId)}/content`, { headers, signal });
    return readHead(response, bytes_max);
  },
  /** Address of a file's bytes: a download, or with `inline` what a browser plays and paints without running it. */
  contentUrl: (fileId: string, inline = false) =>
    `${paths.files}/${segment(fileId)}/content${inline ? '?inline=1' : ''}`,
  thumbnailUrl: (fileId: string) => `${paths.files}/${segment(fileId)}/thumbnail`,
  /** Address of files and folders as one archive. */
  zipUrl(items: readonly ItemRef[], name: string): string {
    const query = new URLSearchParams({ name });
    for (const item of items) {
      if ('file_id' in item) query.append('file', item.file_id);
      else query.append('folder', item.folder_id);
    }
    return `${paths.zip}?${query}`;
  },
};

/** A server is free to send more than the range it was asked for; the rest stays unread. */
async function readHead(response: Response, bytes_max: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(bytes_max);
  let length = 0;
  const reader = response.body!.getReader();
  while (length < bytes_max) {
    const { value, done } = await reader.read();
    if (done) break;
    const part = value.subarray(0, bytes_max - length);
    bytes.set(part, length);
    length += part.length;
  }
  await reader.cancel().catch(() => undefined);
  return bytes.subarray(0, length);
}
