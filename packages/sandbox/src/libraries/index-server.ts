/**
 * What the resolver in the build sandbox sees of the index: a socket in a file. Pages are fetched and read out here and
 * handed on with links to this server only, source archives left out; wheels are kept and hashed on their way, so what
 * the lock says of them does not come from the sandbox.
 */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type IndexClient, IndexError } from './index-client.ts';
import type { IndexFile } from './index-page.ts';

export interface KeptWheel {
  file: string;
  sha256: string;
  size_bytes: number;
  path: string;
}

export class IndexServer {
  /** What the index itself did wrong: the reason behind whatever the resolver then says. */
  readonly problems: string[] = [];
  /** Projects that the index has, but not as wheels. */
  readonly withoutWheels = new Set<string>();
  readonly #client: IndexClient;
  readonly #folder: string;
  readonly #server: Server;
  readonly #files: IndexFile[] = [];
  readonly #kept = new Map<number, Promise<KeptWheel>>();

  /** Wheels are kept in the folder. */
  constructor(client: IndexClient, folder: string) {
    this.#client = client;
    this.#folder = folder;
    this.#server = createServer((request, response) => {
      this.#serve(request.url ?? '', response).catch((error: unknown) => this.#refuse(response, error));
    });
  }

  /** Only this user may connect, and the one named. */
  async listen(path: string, uid: number | undefined): Promise<void> {
    this.#server.listen(path);
    await once(this.#server, 'listening');
    if (uid !== undefined) await chown(path, uid, uid);
    await chmod(path, 0o600);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await Promise.allSettled(this.#kept.values());
  }

  /** The wheel that a link of this server stands for. */
  async wheelOf(url: string): Promise<KeptWheel> {
    const { pathname } = new URL(url);
    const number = Number(/^\/files\/(\d{1,9})\//.exec(pathname)?.[1] ?? -1);
    return this.#keep(number);
  }

  async #serve(url: string, response: ServerResponse): Promise<void> {
    const name = /^\/simple\/([a-z0-9]+(?:-[a-z0-9]+)*)\/$/.exec(url)?.[1];
    const number = /^\/files\/(\d{1,9})\//.exec(url)?.[1];
    if (name !== undefined) await this.#sendPage(name, response);
    else if (number !== undefined) await this.#sendWheel(Number(number), response);
    else response.writeHead(404).end();
  }

  async #sendPage(name: string, response: ServerResponse): Promise<void> {
    const all = await this.#client.page(name);
    if (!all) {
      response.writeHead(404).end();
      return;
    }
    const wheels = all.filter(({ filename }) => isWheelName(filename));
    if (wheels.length === 0 && all.length > 0) this.withoutWheels.add(name);
    const files = wheels.map((file) => {
      const number = this.#files.push(file) - 1;
      return {
        filename: file.filename,
        url: `/files/${number}/${encodeURIComponent(file.filename)}`,
        hashes: file.sha256 === undefined ? {} : { sha256: file.sha256 },
        yanked: file.yanked,
        ...(file.requires_python === undefined ? {} : { 'requires-python': file.requires_python }),
      };
    });
    response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json');
    response.end(JSON.stringify({ meta: { 'api-version': '1.0' }, name, files }));
  }

  async #sendWheel(number: number, response: ServerResponse): Promise<void> {
    const { path, size_bytes } = await this.#keep(number);
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size_bytes });
    await pipeline(createReadStream(path), response);
  }

  #keep(number: number): Promise<KeptWheel> {
    const file = this.#files[number];
    if (!file) throw new IndexError('the resolver asked for a file that no page has');
    let kept = this.#kept.get(number);
    if (!kept) {
      const path = join(this.#folder, String(number));
      kept = this.#client.download(file, path).then((found) => ({ file: file.filename, path, ...found }));
      this.#kept.set(number, kept);
    }
    return kept;
  }

  #refuse(response: ServerResponse, error: unknown): void {
    if (error instanceof IndexError) this.problems.push(error.message);
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  }
}

/** name-version[-build]-python-abi-platform.whl */
export function isWheelName(filename: string): boolean {
  const parts = filename.endsWith('.whl') ? filename.slice(0, -'.whl'.length).split('-') : [];
  return parts.length === 5 || parts.length === 6;
}
