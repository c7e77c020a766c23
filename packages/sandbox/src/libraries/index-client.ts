/** Asks the configured index, and nobody else: the only part of all this that has a network. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { LIMITS } from '@hanabi/protocol';
import { type IndexFile, IndexPageError, parseIndexPage } from './index-page.ts';

const REDIRECTS_MAX = 5;
const ACCEPTED = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/** The index did not give what it should have; one sentence that may be shown. */
export class IndexError extends Error {}

export class IndexClient {
  readonly #base: URL;
  readonly #authorization: string | undefined;
  readonly #signal: AbortSignal;
  #requests = 0;
  #bytes = 0;

  /** `signal` ends whatever is under way. The limits count over all that one client is asked for. */
  constructor(index_url: string, signal: AbortSignal) {
    this.#base = new URL(index_url.endsWith('/') ? index_url : `${index_url}/`);
    const { username, password } = this.#base;
    if (username || password) {
      const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      this.#authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
      this.#base.username = '';
      this.#base.password = '';
    }
    this.#signal = signal;
  }

  /** The files of a project, by its normalized name; undefined when the index has no such project. */
  async page(name: string): Promise<IndexFile[] | undefined> {
    const { response, url } = await this.#get(new URL(`${name}/`, this.#base), ACCEPTED);
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    await requireOk(response, `the page of ${name}`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.#body(response)) {
      size += chunk.length;
      if (size > LIMITS.library_index_page_bytes_max) throw new IndexError(`the index page of ${name} is too large`);
      chunks.push(chunk);
    }
    try {
      return parseIndexPage(
        Buffer.concat(chunks).toString('utf8'),
        response.headers.get('content-type') ?? '',
        url.href,
      );
    } catch (error) {
      if (error instanceof IndexPageError) throw new IndexError(`${name}: ${error.message}`);
      throw error;
    }
  }

  /** Writes the file to a path. What does not have the hash that the index tells never leaves this function. */
  async download(file: IndexFile, path: string): Promise<{ sha256: string; size_bytes: number }> {
    const { response } = await this.#get(new URL(file.url), '*/*');
    await requireOk(response, file.filename);
    const hash = createHash('sha256');
    let size_bytes = 0;
    const target = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of this.#body(response)) {
        this.#bytes += chunk.length;
        if (this.#bytes > LIMITS.library_wheels_bytes_max) {
          throw new IndexError(`the wheels have more than ${LIMITS.library_wheels_bytes_max} bytes together`);
        }
        size_bytes += chunk.length;
        hash.update(chunk);
        await target.writeFile(chunk);
      }
    } finally {
      await target.close();
    }
    const sha256 = hash.digest('hex');
    if (file.sha256 !== undefined && sha256 !== file.sha256) {
      throw new IndexError(
        `${file.filename} does not have the hash that it should: expected sha256 ${file.sha256}, got ${sha256}`,
      );
    }
    return { sha256, size_bytes };
  }

  async #get(url: URL, accept: string): Promise<{ response: Response; url: URL }> {
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
      const isOwn = url.origin === this.#base.origin;
      // Big indexes keep their files on another host; certificates then stand for it.
      if (!isOwn && url.protocol !== 'https:') throw new IndexError(`the index leads to ${url.origin}, without https`);
      this.#requests += 1;
      if (this.#requests > LIMITS.library_index_requests_max) {
        throw new IndexError(`more than ${LIMITS.library_index_requests_max} requests to the index`);
      }
      const headers = new Headers({ accept });
      if (isOwn && this.#authorization) headers.set('authorization', this.#authorization);
      const response = await fetch(url.href, { headers, redirect: 'manual', signal: this.#signal }).catch((cause) => {
        throw this.#unreachable(url, cause);
      });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) return { response, url };
      await response.body?.cancel();
      if (!URL.canParse(location, url.href))
        throw new IndexError('the index redirects to something that is no address');
      url = new URL(location, url);
    }
    throw new IndexError('the index redirects without end');
  }

  async *#body(response: Response): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* response.body ?? [];
    } catch (cause) {
      throw this.#unreachable(new URL(response.url), cause);
    }
  }

  #unreachable(url: URL, cause: unknown): IndexError {
    if (this.#signal.aborted) return new IndexError('the index took too long');
    const { cause: inner, message } = cause as Error & { cause?: { code?: string; message?: string } };
    return new IndexError(`${url.origin} cannot be reached (${inner?.code ?? inner?.message ?? message})`, { cause });
  }
}

async function requireOk(response: Response, what: string): Promise<void> {
  if (response.ok) return;
  await response.body?.cancel();
  throw new IndexError(`the index answered ${response.status} for ${what}`);
}
