/** What the desktop asks of its server. Shapes stand in `packages/protocol/src/desktop-api.ts`. */
import {
  DESKTOP_PATHS,
  type FileEntry,
  type FileRef,
  type FolderEntry,
  type FolderListing,
  HanabiError,
  type Launch,
  type LaunchRequest,
  type ModuleSummary,
  type Session,
} from '@hanabi/protocol';
import { request, requestJson, useCsrfToken } from './request.ts';
import { upload } from './upload.ts';

const { session, modules, launches, folders, files } = DESKTOP_PATHS;

function entered(current: Session): Session {
  useCsrfToken(current.csrf_token);
  return current;
}

export const api = {
  /** The current session, or null when nobody is signed in. */
  async session(): Promise<Session | null> {
    try {
      return entered(await requestJson<Session>(session));
    } catch (error) {
      if (error instanceof HanabiError && (error.code === 'HANABI-A001' || error.code === 'HANABI-A004')) return null;
      throw error;
    }
  },
  async signIn(name: string, password: string): Promise<Session> {
    return entered(await requestJson<Session>(session, { method: 'POST', json: { name, password } }));
  },
  async signOut(): Promise<void> {
    await request(session, { method: 'DELETE' });
    useCsrfToken('');
  },
  async modules(): Promise<ModuleSummary[]> {
    return (await requestJson<{ modules: ModuleSummary[] }>(modules)).modules;
  },
  launch: (wanted: LaunchRequest) => requestJson<Launch>(launches, { method: 'POST', json: wanted }),
  async endLaunch(id: string): Promise<void> {
    await request(`${launches}/${id}`, { method: 'DELETE' });
  },
  /** Makes a file that the user picked in a dialog of the host readable for one launch. */
  async pickForLaunch(launchId: string, fileId: string): Promise<FileRef> {
    const path = `${launches}/${launchId}/picks`;
    return (await requestJson<{ file: FileRef }>(path, { method: 'POST', json: { file_id: fileId } })).file;
  },
  folder: (id: string) => requestJson<FolderListing>(`${folders}/${encodeURIComponent(id)}`),
  makeFolder: (parentId: string, name: string) =>
    requestJson<FolderEntry>(folders, { method: 'POST', json: { parent_id: parentId, name } }),
  upload(
    folderId: string,
    file: File,
    onProgress: (sentBytes: number, totalBytes: number) => void,
    signal: AbortSignal,
  ): Promise<FileEntry> {
    const path = `${folders}/${encodeURIComponent(folderId)}/files?name=${encodeURIComponent(file.name)}`;
    return upload(path, file, onProgress, signal);
  },
  /** Address of a file's bytes: a download, or with `inline` the picture itself (raster images only). */
  contentUrl: (fileId: string, inline = false) =>
    `${files}/${encodeURIComponent(fileId)}/content${inline ? '?inline=1' : ''}`,
};
