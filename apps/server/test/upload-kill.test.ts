/** `kill -9` of the API process in the middle of uploads. It comes back by itself, and what was acknowledged is there. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { freePort } from './harness/free-port.ts';
import { apiProcessOf } from './harness/processes.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { announce, begin, head, Noise, offsetOf, patch, patchStream } from './upload-client.ts';

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  // One that comes back has to come back where it was.
  server = await startServer({ env: { HANABI_PORT: String(await freePort()) } });
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

const apiProcess = () => apiProcessOf(server.process.pid!);

const isReady = (line: string) => line.startsWith('HanabiMatsuri ready');

/** Settles when the next API process is ready. */
async function killed(pid: number): Promise<void> {
  const before = server.lines.filter(isReady).length;
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => server.lines.filter(isReady).length, { timeout: 20_000 }).toBeGreaterThan(before);
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

describe('kill -9', () => {
  it('in the middle of 2 GB costs nothing that was acknowledged', { timeout: 180_000 }, async () => {
    const noise = new Noise(2 * 1024 ** 3, 'two gigabytes');
    const piece = 768 * 1024 ** 2;
    const url = await begin(desktop, { name: 'film.mkv', size: noise.size });
    // In the middle of the first piece and of the second.
    const killAt = [300, 1100].map((mib) => mib * 1024 ** 2);
    let acknowledged = 0;
    let kills = 0;
    let file: unknown;
    while (file === undefined) {
      const offset = await offsetOf(desktop, url);
      expect(offset).toBeGreaterThanOrEqual(acknowledged);
      acknowledged = offset;
      const to = Math.min(noise.size, offset + piece);
      const pid = await apiProcess();
      let back: Promise<void> | undefined;
      const answer = await patchStream(desktop, url, {
        offset,
        length: to - offset,
        chunks: noise.chunks(offset, to),
        sent: (bytes) => {
          if (back || kills >= killAt.length || offset + bytes < killAt[kills]!) return;
          kills += 1;
          back = killed(pid);
        },
      });
      await back;
      if (answer === 'broken') continue;
      expect(answer.status).toBe(204);
      acknowledged = to;
      file = answer.headers['x-hanabi-file'];
    }
    expect(kills).toBe(2);
    const { files } = await desktop.folder('root');
    expect(files).toMatchObject([{ id: file, name: 'film.mkv', size_bytes: noise.size }]);
    const sha256 = noise.sha256();
    expect(await fileHash(join(server.data_dir, 'blobs', sha256.slice(0, 2), sha256))).toBe(sha256);
    expect(await readdir(join(server.data_dir, 'uploads'))).toEqual([]);
  });

  it('keeps most of a long request that had no answer yet', { timeout: 60_000 }, async () => {
    const noise = new Noise(160 * 1024 ** 2, 'long');
    const url = await begin(desktop, { name: 'long.bin', size: noise.size });
    const pid = await apiProcess();
    let back: Promise<void> | undefined;
    const answer = await patchStream(desktop, url, {
      offset: 0,
      length: noise.size,
      chunks: noise.chunks(0),
      sent: (bytes) => {
        if (bytes >= 120 * 1024 ** 2) back ??= killed(pid);
      },
    });
    expect(answer).toBe('broken');
    await back;
    expect(await offsetOf(desktop, url)).toBeGreaterThan(60 * 1024 ** 2);
  });

  it('at the end of an upload leaves one file or a rest that can follow, never two files', {
    timeout: 120_000,
  }, async () => {
    // The server has restarted three times by now, and a parent gives up on one that dies five times a minute.
    const own = await startServer({ env: { HANABI_PORT: String(await freePort()) } });
    const outer = server;
    server = own;
    const user = await Desktop.signIn(own.url);
    const noise = new Noise(3_000_000, 'end');
    for (let round = 0; round < 4; round += 1) {
      const name = `end-${round}.bin`;
      const url = await begin(user, { name, size: noise.size });
      await patch(user, url, 0, noise.bytes(0, 2_000_000));
      const last = patch(user, url, 2_000_000, noise.bytes(2_000_000, noise.size)).catch(() => undefined);
      // Somewhere between the arrival of the last bytes and the answer; each round a little later.
      for (let turn = 0; turn < round * 25; turn += 1) await new Promise(setImmediate);
      await killed(await apiProcess());
      await last;
      const offset = await offsetOf(user, url);
      const answer =
        offset < noise.size ? await patch(user, url, offset, noise.bytes(offset, noise.size)) : await head(user, url);
      const file = answer.headers.get('x-hanabi-file');
      const { files } = await user.folder('root');
      expect(files.filter((entry) => entry.name.startsWith(`end-${round}`))).toMatchObject([{ id: file, name }]);
      const bytes = await user.send('GET', `/api/files/${file}/content`);
      expect(
        createHash('sha256')
          .update(Buffer.from(await bytes.arrayBuffer()))
          .digest('hex'),
      ).toBe(noise.sha256());
    }
    server = outer;
    await own.stop();
  });

  it('does not keep small uploads from being whole', async () => {
    const answer = await announce(desktop, { name: 'after.txt', size: 5, bytes: Buffer.from('after') });
    expect(answer.headers.get('x-hanabi-file')).toMatch(/^[\w-]{22}$/);
  });
});
