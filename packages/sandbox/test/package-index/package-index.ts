/** A package index on loopback, with wheels that a test describes. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestWheel {
  name: string;
  version: string;
  requires?: string[];
  extras?: string[];
  files?: Record<string, string>;
  /** See make_wheels.py. */
  lies?: string[];
  unlisted?: string[];
  listed?: string[];
  twice?: string[];
  links?: Record<string, string>;
}

export interface TestIndex {
  url: string;
  /** Paths that were asked for, in order. */
  asked: string[];
  /** Files whose bytes are not those of the hash on their page. */
  tampered: Set<string>;
  yanked: Set<string>;
  /** How pages are written. */
  format: 'html' | 'json';
  /** Where pages say that files are. */
  files_at: string;
  /** "name:password", when the index wants one. */
  login: string | undefined;
  add(wheels: readonly TestWheel[]): void;
  addSource(name: string, version: string): void;
  close(): Promise<void>;
}

export async function startIndex(): Promise<TestIndex> {
  const folder = mkdtempSync(join(tmpdir(), 'hanabi-index-test-'));
  const server = createServer((request, response) => serve(index, folder, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const index: TestIndex = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`,
    asked: [],
    tampered: new Set(),
    yanked: new Set(),
    format: 'html',
    files_at: '../../files/',
    login: undefined,
    add(wheels) {
      mkdirSync(folder, { recursive: true });
      execFileSync('/usr/bin/python3', ['-I', join(import.meta.dirname, 'make_wheels.py'), folder], {
        input: JSON.stringify(wheels),
      });
    },
    addSource(name, version) {
      writeFileSync(join(folder, `${name}-${version}.tar.gz`), 'setup.py would run here');
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true });
    },
  };
  return index;
}

function serve(index: TestIndex, folder: string, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url!;
  index.asked.push(path);
  const login = index.login && `Basic ${Buffer.from(index.login).toString('base64')}`;
  const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1];
  const file = /^\/files\/([^/]+)$/.exec(path)?.[1];
  if (login && request.headers.authorization !== login) response.writeHead(401).end();
  else if (project) sendPage(index, folder, project, response);
  else if (file) response.end(bytesOf(index, folder, file));
  else response.writeHead(404).end();
}

function bytesOf(index: TestIndex, folder: string, file: string): Buffer {
  const bytes = readFileSync(join(folder, file));
  return index.tampered.has(file) ? Buffer.concat([bytes, Buffer.from('!')]) : bytes;
}

function sendPage(index: TestIndex, folder: string, project: string, response: ServerResponse): void {
  const names = readdirSync(folder).filter((name) => name.split('-')[0]!.replaceAll('_', '-') === project);
  if (names.length === 0) {
    response.writeHead(404).end();
    return;
  }
  const files = names.map((filename) => {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(folder, filename)))
      .digest('hex');
    return { filename, url: `${index.files_at}${filename}`, hashes: { sha256 }, yanked: index.yanked.has(filename) };
  });
  if (index.format === 'json') {
    response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json');
    response.end(JSON.stringify({ meta: { 'api-version': '1.0' }, name: project, files }));
    return;
  }
  const links = files.map(
    ({ filename, url, hashes, yanked }) =>
      `<a href="${url}#sha256=${hashes.sha256}" data-requires-python="&gt;=3.8"${yanked ? ' data-yanked' : ''}>${filename}</a><br>`,
  );
  response.setHeader('content-type', 'text/html');
  response.end(`<!DOCTYPE html><html><body><h1>Links</h1>${links.join('\n')}</body></html>`);
}
