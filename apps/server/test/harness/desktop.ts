/** Speaks to a server as the desktop in a browser does: cookie, CSRF token, launches, capability requests. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import {
  CSRF_HEADER,
  DESKTOP_PATHS,
  type ErrorBody,
  type FileEntry,
  type FolderListing,
  type HanabiEvent,
  type Launch,
  LAUNCH_HEADER,
  type Session,
  type UnseenNotice,
  type UnseenNotices,
} from '@hanabi/protocol';
import { ADMIN_PASSWORD } from './start-server.ts';

/** The answer to a capability request, whatever its HTTP status. */
export interface Answer {
  status: number;
  ok: boolean;
  data: Record<string, unknown>;
  error: ErrorBody;
  events: HanabiEvent[];
}

export class Desktop {
  readonly url: string;
  cookie = '';
  csrf = '';
  session!: Session;

  private constructor(url: string) {
    this.url = url;
  }

  static async signIn(url: string, name = 'admin', password = ADMIN_PASSWORD): Promise<Desktop> {
    const desktop = new Desktop(url);
    const response = await desktop.send('POST', DESKTOP_PATHS.session, { name, password });
    if (!response.ok) throw new Error(await response.text());
    desktop.cookie = response.headers.getSetCookie()[0]!.split(';')[0]!;
    desktop.session = (await response.json()) as Session;
    desktop.csrf = desktop.session.csrf_token;
    return desktop;
  }

  /** The same session at another server of the same database. */
  at(url: string): Desktop {
    const desktop = new Desktop(url);
    desktop.cookie = this.cookie;
    desktop.csrf = this.csrf;
    desktop.session = this.session;
    return desktop;
  }

  /** What workflows said and nobody has looked at, the newest first. */
  async unseenNotices(): Promise<UnseenNotice[]> {
    return ((await (await this.send('GET', DESKTOP_PATHS.notices)).json()) as UnseenNotices).notices;
  }

  send(method: string, path: string, json?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const sent: Record<string, string> = { cookie: this.cookie, [CSRF_HEADER]: this.csrf, ...headers };
    const init: RequestInit = { method, headers: sent, redirect: 'manual' };
    if (json !== undefined) {
      sent['content-type'] = 'application/json';
      init.body = JSON.stringify(json);
    }
    return fetch(this.url + path, init);
  }

  async launch(moduleId: string, more: { file_id?: string; action?: string } = {}): Promise<Launch> {
    const response = await this.send('POST', DESKTOP_PATHS.launches, { module_id: moduleId, ...more });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Launch;
  }

  /** `heard`: told each event when it arrives, and not only with the answer. */
  async ask(
    launch: { id: string },
    type: string,
    payload: unknown = {},
    heard: (event: HanabiEvent) => void = () => {},
  ): Promise<Answer> {
    const response = await this.send('POST', `${DESKTOP_PATHS.capabilities}/${type}`, payload, {
      [LAUNCH_HEADER]: launch.id,
    });
    const events: HanabiEvent[] = [];
    let last: Record<string, unknown> = {};
    for await (const line of createInterface({ input: Readable.fromWeb(response.body as ReadableStream) })) {
      last = JSON.parse(line) as Record<string, unknown>;
      if (!('event' in last)) continue;
      events.push(last['event'] as HanabiEvent);
      heard(last['event'] as HanabiEvent);
    }
    return { status: response.status, ok: last['ok'] === true, ...(last as Pick<Answer, 'data' | 'error'>), events };
  }

  async folder(id: string): Promise<FolderListing> {
    const response = await this.send('GET', `${DESKTOP_PATHS.folders}/${id}`);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as FolderListing;
  }

  async folderAt(...names: string[]): Promise<FolderListing> {
    let listing = await this.folder('root');
    for (const name of names) {
      listing = await this.folder(listing.folders.find((folder) => folder.name === name)!.id);
    }
    return listing;
  }

  async upload(name: string, bytes: Uint8Array | string, folderId = this.session.root_folder_id): Promise<FileEntry> {
    const response = await this.sendUpload(name, bytes, folderId);
    if (!response.ok) throw new Error(await response.text());
    return ((await response.json()) as { file: FileEntry }).file;
  }

  sendUpload(name: string, bytes: Uint8Array | string, folderId = this.session.root_folder_id): Promise<Response> {
    const path = `${DESKTOP_PATHS.folders}/${folderId}/files?name=${encodeURIComponent(name)}`;
    return fetch(this.url + path, {
      method: 'PUT',
      headers: { cookie: this.cookie, [CSRF_HEADER]: this.csrf, 'content-type': 'application/octet-stream' },
      body: typeof bytes === 'string' ? bytes : new Uint8Array(bytes),
    });
  }
}

export async function errorOf(response: Response): Promise<ErrorBody> {
  return ((await response.json()) as { error: ErrorBody }).error;
}
