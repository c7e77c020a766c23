/** Contents in and out: as quick as a web server that does nothing else, and without taking memory for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESKTOP_PATHS, MIB } from '@hanabi/protocol';
import { Desktop } from '../../apps/server/test/harness/desktop.ts';
import { startServer } from '../../apps/server/test/harness/start-server.ts';
import { begin, Noise, patchStream } from '../../apps/server/test/upload-client.ts';
import { installHint, installPackages, mayInstall, missingPackages } from '../setup/apt.mjs';
import { type Figure, figure, median } from './figures.ts';
import { apiProcess, statusKb } from './server.ts';

const RANGE_FILE_BYTES = 512 * MIB;
const RANGE_FROM = MIB;
const ROUNDS = 9;
const LIST_ENTRIES = 10_000;
const MEMORY_FILE_BYTES = 4096 * MIB;
const SAMPLE_MS = 50;

export async function benchFiles(): Promise<Figure[]> {
  const server = await startServer({ users: ['lister'], prepare: manyFiles });
  try {
    const desktop = await Desktop.signIn(server.url);
    return [
      await rangeThroughput(desktop),
      await listing(await Desktop.signIn(server.url, 'lister', 'lister')),
      await memory(),
    ];
  } finally {
    await server.stop();
  }
}

/** Sends noise in requests of 512 MiB. Returns the id of the file. */
export async function upload(desktop: Desktop, name: string, noise: Noise): Promise<string> {
  const url = await begin(desktop, { name, size: noise.size });
  for (let offset = 0; ; ) {
    const to = Math.min(noise.size, offset + 512 * MIB);
    const answer = await patchStream(desktop, url, { offset, length: to - offset, chunks: noise.chunks(offset, to) });
    if (answer === 'broken' || answer.status !== 204)
      throw new Error(`the upload ended with ${JSON.stringify(answer)}`);
    if (to === noise.size) return String(answer.headers['x-hanabi-file']);
    offset = to;
  }
}

/** One range of nearly all of a large file, the same from the same disk cache by both, read by the same reader. */
async function rangeThroughput(desktop: Desktop): Promise<Figure> {
  const noise = new Noise(RANGE_FILE_BYTES, 'range');
  const path = `${DESKTOP_PATHS.files}/${await upload(desktop, 'range.bin', noise)}/content`;
  const dir = await mkdtemp(join(tmpdir(), 'hanabi-nginx-'));
  await writeFile(join(dir, 'range.bin'), noise.chunks(0));
  const peer = await startNginx(dir);
  try {
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await download(new URL(path, desktop.url), RANGE_FROM, desktop.cookie));
      if (peer) theirs.push(await download(new URL('/range.bin', peer.url), RANGE_FROM));
    }
    const against = peer ? 'nginx with sendfile, the same range of the same bytes' : 'nginx is not installed';
    return figure('files.range', 'MB/s', median(ours), peer ? median(theirs) : null, against);
  } finally {
    peer?.process.kill();
    await rm(dir, { recursive: true });
  }
}

async function startNginx(dir: string): Promise<{ url: string; process: ChildProcess } | undefined> {
  const missing = missingPackages(['nginx-light']);
  if (missing.length > 0 && !(mayInstall && (await installPackages(missing)).ok)) {
    console.error(`files.range has nothing to be held against; install as root: ${installHint(missing)}`);
    return undefined;
  }
  const port = await freePort();
  const conf = `
    daemon off; master_process off; pid ${dir}/pid; error_log stderr;
    events {}
    http {
      access_log off; sendfile on;
      client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f;
      uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
      server { listen 127.0.0.1:${port}; root ${dir}; }
    }`;
  await writeFile(join(dir, 'nginx.conf'), conf);
  const args = ['-p', dir, '-e', 'stderr', '-c', join(dir, 'nginx.conf')];
  const child = spawn('/usr/sbin/nginx', args, { stdio: 'inherit' });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    const up = await fetch(`${url}/nginx.conf`, { method: 'HEAD' }).catch(() => undefined);
    if (up) return { url, process: child };
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

/** Bytes to the end of a file, read into one buffer over and over; in MB a second. */
function download({ hostname, port, pathname }: URL, from: number, cookie = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const buffer = Buffer.allocUnsafe(MIB);
    const start = performance.now();
    let bytes = 0;
    let first = '';
    const callback = (count: number) => {
      if (bytes === 0) first = buffer.toString('latin1', 0, 12);
      bytes += count;
      return true;
    };
    const socket = connect({ host: hostname, port: Number(port), onread: { buffer, callback } });
    const headers = [`Host: ${hostname}:${port}`, `Range: bytes=${from}-`, `Cookie: ${cookie}`, 'Connection: close'];
    socket.write(`GET ${pathname} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    socket.on('error', reject);
    socket.on('close', () => {
      const seconds = (performance.now() - start) / 1000;
      if (first.endsWith('206')) resolve(bytes / 1e6 / seconds);
      else reject(new Error(`${pathname} was answered with ${first}`));
    });
  });
}

type Db = Parameters<NonNullable<NonNullable<Parameters<typeof startServer>[0]>['prepare']>>[0];

/** Straight into the table: sending ten thousand files is another measurement. */
async function manyFiles(db: Db): Promise<void> {
  const user = await db.selectFrom('users').selectAll().where('name', '=', 'lister').executeTakeFirstOrThrow();
  const time = new Date().toISOString();
  const rows = Array.from({ length: LIST_ENTRIES }, (_, index) => ({
    id: `list-${index}`,
    user_id: user.id,
    folder_id: user.root_folder_id,
    name: `photograph ${index}.jpg`,
    search_name: `photograph ${index}.jpg`,
    mime_type: 'image/jpeg',
    size_bytes: index,
    sha256: index.toString(16).padStart(64, '0'),
    created_at: time,
    updated_at: time,
  }));
  await db.transaction().execute(async (change) => {
    for (let at = 0; at < rows.length; at += 1000) {
      await change
        .insertInto('files')
        .values(rows.slice(at, at + 1000))
        .execute();
    }
  });
}

/** Asking for a folder and reading the answer, beside a bare server that makes the same text of the same objects. */
async function listing(desktop: Desktop): Promise<Figure> {
  const folder = await desktop.folder('root');
  if (folder.files.length !== LIST_ENTRIES) throw new Error(`the folder holds ${folder.files.length} files`);
  const bare = createServer((_request, response) => response.end(JSON.stringify(folder))).listen(0, '127.0.0.1');
  await once(bare, 'listening');
  const url = `http://127.0.0.1:${(bare.address() as AddressInfo).port}`;
  const [ours, floor]: [number[], number[]] = [[], []];
  for (let round = 0; round < 3 * ROUNDS; round += 1) {
    ours.push(await timed(() => desktop.folder('root')));
    floor.push(await timed(async () => (await fetch(url)).json()));
  }
  bare.close();
  return figure('files.list10k', 'ms', median(ours), median(floor), 'bare HTTP server that has the objects in memory');
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** How much the API process of a server that has done nothing else grows at most while 4 GB come in and go out again. */
async function memory(): Promise<Figure> {
  const server = await startServer();
  let sampling: NodeJS.Timeout | undefined;
  try {
    const desktop = await Desktop.signIn(server.url);
    const api = await apiProcess(server);
    const before = await statusKb(api, 'VmRSS');
    let peak = before;
    sampling = setInterval(() => {
      void statusKb(api, 'VmRSS').then((kb) => {
        peak = Math.max(peak, kb);
      });
    }, SAMPLE_MS);
    const file = await upload(desktop, 'memory.bin', new Noise(MEMORY_FILE_BYTES, 'memory'));
    await download(new URL(`${DESKTOP_PATHS.files}/${file}/content`, desktop.url), 0, desktop.cookie);
    return figure('files.memory4G', 'MB', (peak - before) / 1024, 64, 'target: growth at its peak');
  } finally {
    clearInterval(sampling);
    await server.stop();
  }
}
