/** A gigabyte into a worker and one out of it, by path: what it costs beside the bare work, and that nobody holds it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Launch } from '@hanabi/protocol';
import { MIB } from '@hanabi/protocol';
import { Desktop } from '../../apps/server/test/harness/desktop.ts';
import { makeModule } from '../../apps/server/test/harness/make-module.ts';
import { type RunningServer, startServer } from '../../apps/server/test/harness/start-server.ts';
import { Noise } from '../../apps/server/test/upload-client.ts';
import { type Figure, figure, median } from './figures.ts';
import { upload } from './files.ts';
import { apiProcess, statusKb } from './server.ts';

const SIZE_BYTES = 1024 * MIB;
const IN_ROUNDS = 7;
const OUT_ROUNDS = 3;
const SAMPLE_MS = 50;
const EVENTS = 100_000;
const MODULE = 'bench-streams';

const WRITE = `
def write(path, size):
    piece = bytes(range(256)) * 4096
    with open(path, "wb") as file:
        for _ in range(size // len(piece)):
            file.write(piece)
`;
const WORKER = `${WRITE}
import os

def run_streaming(in_dir, out_dir, options):
    for name in os.listdir(in_dir):
        print(os.stat(f"{in_dir}/{name}").st_size)
    if options.get("write_bytes"):
        write(f"{out_dir}/out.bin", options["write_bytes"])
    for number in range(options.get("events", 0)):
        yield {"pct": number * 100 / options["events"], "message": str(number)}
`;

/** What a runner without a host would do: the same frames into a pipe that Node reads. */
const BARE_EVENTS = `
import os, sys
for number in range(${EVENTS}):
    body = ('{"kind":"progress","pct":%r,"message":"%d"}' % (number * 100 / ${EVENTS}, number)).encode()
    os.write(1, len(body).to_bytes(4, "big") + b"\\x01" + body)
`;

export async function benchStreams(): Promise<Figure[]> {
  const permissions = ['files.read', 'files.read.all', 'jobs.create', 'jobs.emit_progress', 'worker.execute'] as const;
  const worker = { tier: 'media' };
  const dir = await makeModule({ id: MODULE, permissions: [...permissions], worker: WORKER, manifest: { worker } });
  const env = { HANABI_MODULE_DIRS: dir, HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' };
  const server = await startServer({ env });
  try {
    const desktop = await Desktop.signIn(server.url);
    const large = await upload(desktop, 'large.bin', new Noise(SIZE_BYTES, 'stream'));
    const small = await desktop.upload('small.bin', 'x');
    const largeLaunch = await desktop.launch(MODULE, { file_id: large });
    const smallLaunch = await desktop.launch(MODULE, { file_id: small.id });
    await run(desktop, smallLaunch, [small.id], {});

    const watched = await watchMemory(server);
    const [withLarge, withSmall, out, bare]: number[][] = [[], [], [], []];
    for (let round = 0; round < IN_ROUNDS; round += 1) {
      withSmall!.push(await timed(() => run(desktop, smallLaunch, [small.id], {})));
      withLarge!.push(await timed(() => run(desktop, largeLaunch, [large], {})));
    }
    for (let round = 0; round < OUT_ROUNDS; round += 1) {
      bare!.push(await timed(() => bareWrite(server.data_dir)));
      out!.push(await timed(() => run(desktop, smallLaunch, [], { write_bytes: SIZE_BYTES })));
    }
    const grown_bytes = watched.stop();
    const events = await timed(() => run(desktop, smallLaunch, [], { events: EVENTS }, true));
    const pipe = await timed(() => python(BARE_EVENTS, 'pipe'));
    return [
      figure(
        'job.stream1G',
        'ms',
        median(withLarge!) - median(withSmall!),
        300,
        'target: what 1 GB more of input adds',
      ),
      figure('job.stream1G.out', 'ms', median(out!), median(bare!), 'bare Python that writes and syncs 1 GB there'),
      figure('job.stream1G.memory', 'MB', grown_bytes / MIB, 16, 'target: growth of server and supervisor at its peak'),
      figure('job.progress', 'ms', events, pipe, `${EVENTS} events into a bare pipe to Node`),
    ];
  } finally {
    await server.stop();
  }
}

async function run(
  desktop: Desktop,
  launch: Launch,
  inputRefs: string[],
  options: Record<string, unknown>,
  stream = false,
): Promise<void> {
  const answer = await desktop.ask(launch, 'HANABI_CREATE_JOB', { inputRefs, options, stream });
  if (!answer.ok) throw new Error(`${answer.error.message}\n${answer.error.log ?? ''}`);
}

/** The server's two processes together. */
async function watchMemory(server: RunningServer): Promise<{ stop(): number }> {
  const pids = [server.process.pid!, await apiProcess(server)];
  const residentKb = async () => (await Promise.all(pids.map((pid) => statusKb(pid, 'VmRSS')))).reduce((a, b) => a + b);
  const before = await residentKb();
  let peak = before;
  const sampling = setInterval(() => {
    void residentKb().then((kb) => {
      peak = Math.max(peak, kb);
    });
  }, SAMPLE_MS);
  return {
    stop() {
      clearInterval(sampling);
      return (peak - before) * 1024;
    },
  };
}

async function bareWrite(data_dir: string): Promise<void> {
  const dir = await mkdtemp(join(data_dir, 'bare-'));
  const sync = 'import os; file = os.open(PATH, os.O_RDONLY); os.fsync(file)'.replace(
    'PATH',
    JSON.stringify(`${dir}/x`),
  );
  await python(`${WRITE}\nwrite(${JSON.stringify(`${dir}/x`)}, ${SIZE_BYTES})\n${sync}`, 'ignore');
  await rm(dir, { recursive: true });
}

async function python(code: string, output: 'pipe' | 'ignore'): Promise<void> {
  const child = spawn('/usr/bin/python3', ['-I', '-S', '-c', code], { stdio: ['ignore', output, 'inherit'] });
  child.stdout?.resume();
  const [status] = (await once(child, 'close')) as [number];
  if (status !== 0) throw new Error(`python ended with ${status}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
