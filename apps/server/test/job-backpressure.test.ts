/** A worker that tells more than the page takes waits for the page; nothing piles up in between, and nothing is lost. */
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { CSRF_HEADER, DESKTOP_PATHS, type HanabiEvent, LAUNCH_HEADER, MIB } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { apiProcessOf } from './harness/processes.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const CHUNKS = 2048;
const CHUNK_CHARS = 64 * 1024;
const TALKATIVE = `
def run_streaming(in_dir, out_dir, options):
    for number in range(${CHUNKS}):
        yield {"output": str(number).zfill(${CHUNK_CHARS})}
        yield {"pct": 100 * number / ${CHUNKS}, "message": str(number)}
`;
const BUSY = `
def run(inputs, options):
    for number in range(100_000):
        yield {"pct": number / 1000, "message": str(number)}
    yield {"pct": 100, "message": "last"}
    return {}
`;

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  const permissions = ['jobs.create', 'jobs.emit_progress', 'worker.execute'] as const;
  const dirs = [
    await makeModule({ id: 'talkative', permissions: [...permissions], worker: TALKATIVE }),
    await makeModule({ id: 'busy', permissions: [...permissions], worker: BUSY }),
  ];
  const env = { HANABI_MODULE_DIRS: dirs.join(':'), HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' };
  server = await startServer({ env });
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

interface Reply {
  pause(): void;
  resume(): void;
  /** The last line. */
  ended: Promise<{ ok: boolean }>;
}

/** A streaming request whose bytes can be left lying. */
async function start(moduleId: string, onevent: (event: HanabiEvent, reply: Reply) => void): Promise<Reply> {
  const launch = await desktop.launch(moduleId);
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${DESKTOP_PATHS.capabilities}/HANABI_CREATE_JOB`, {
      method: 'POST',
      headers: {
        cookie: desktop.cookie,
        [CSRF_HEADER]: desktop.csrf,
        [LAUNCH_HEADER]: launch.id,
        'content-type': 'application/json',
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let rest = '';
      const ended = new Promise<{ ok: boolean }>((settle) => {
        response.setEncoding('utf8').on('data', (text: string) => {
          const lines = (rest + text).split('\n');
          rest = lines.pop()!;
          for (const line of lines) {
            const message = JSON.parse(line) as { event?: HanabiEvent; ok?: boolean };
            if (message.event) onevent(message.event, reply);
            else settle(message as { ok: boolean });
          }
        });
      });
      const reply: Reply = { pause: () => response.pause(), resume: () => response.resume(), ended };
      resolve(reply);
    });
    sent.end(JSON.stringify({ stream: true }));
  });
}

/** Below the server, however deep. */
function isOurs(pid: number): boolean {
  for (let parent = pid; parent > 1; ) {
    if (parent === server.process.pid) return true;
    parent = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${parent}/status`, 'latin1'))![1]);
  }
  return false;
}

/** Bytes that the Python processes of sandboxes of this server have written so far, to wherever. */
function writtenByWorkers(): number {
  let written = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/mountinfo`, 'latin1').includes(' /module ') || !isOurs(Number(pid))) continue;
      written = Math.max(written, Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1]));
    } catch {
      // It has just ended.
    }
  }
  return written;
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) * 1024;
}

describe('a page that is slow', () => {
  it('slows the worker, costs the server no memory, and gets everything in order in the end', async () => {
    const processes = [server.process.pid!, await apiProcessOf(server.process.pid!)];
    const before = processes.map(residentBytes);
    const seqs: number[] = [];
    const chunks: number[] = [];
    const reply = await start('talkative', (event, answer) => {
      if (event.type !== 'HANABI_JOB_OUTPUT') return;
      seqs.push(event.seq);
      chunks.push(Number(event.chunk));
      if (seqs.length === 1) answer.pause();
    });
    // It stops of its own accord, long before it is through.
    let last = -1;
    const hasStopped = () => {
      const now = writtenByWorkers();
      const same = now > MIB && now === last;
      last = now;
      return same;
    };
    await expect.poll(hasStopped, { timeout: 20_000, interval: 300 }).toBe(true);
    expect(last).toBeLessThan((CHUNKS * CHUNK_CHARS) / 2);
    for (const [index, pid] of processes.entries()) {
      expect(residentBytes(pid) - before[index]!).toBeLessThan(64 * MIB);
    }
    reply.resume();
    expect(await reply.ended).toMatchObject({ ok: true });
    expect(seqs).toEqual(Array.from({ length: CHUNKS }, (_, index) => index + 1));
    expect(chunks).toEqual(Array.from({ length: CHUNKS }, (_, index) => index));
  });
});

describe('100,000 progress events', () => {
  it('reach the page thinned out, the last of them always', async () => {
    const seen: HanabiEvent[] = [];
    const started = performance.now();
    const reply = await start('busy', (event) => seen.push(event));
    expect(await reply.ended).toMatchObject({ ok: true });
    const seconds = (performance.now() - started) / 1000;
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.length).toBeLessThanOrEqual(Math.ceil(seconds * 20) + 3);
    expect(seen.at(-1)).toMatchObject({ type: 'HANABI_JOB_PROGRESS', progressPct: 100, message: 'last' });
  });
});
