/** No-op jobs, from the request to the stored output, against a bare bubblewrap that starts Python and ends it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Desktop } from '../../apps/server/test/harness/desktop.ts';
import { makeModule } from '../../apps/server/test/harness/make-module.ts';
import { startServer } from '../../apps/server/test/harness/start-server.ts';
import { type Figure, figure, median } from './figures.ts';

const NO_OP = 'def run(inputs, options):\n    return {"out.txt": b"x"}\n';
const COLD_RUNS = 20;
const WARM_RUNS = 30;
/** Long enough for the next sandbox to have been prepared. */
const BETWEEN_WARM_RUNS_MS = 150;

const BARE = [
  '--unshare-all --die-with-parent --new-session --clearenv --cap-drop ALL --ro-bind /usr /usr --symlink usr/bin /bin',
  '--symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp /usr/bin/python3 -I -S -c pass',
]
  .join(' ')
  .split(' ');

export async function benchJobs(): Promise<Figure[]> {
  const ids = Array.from({ length: COLD_RUNS }, (_, index) => `bench-job-${index}`);
  const dirs: string[] = [];
  for (const id of ids) {
    dirs.push(await makeModule({ id, permissions: ['jobs.create', 'worker.execute'], worker: NO_OP }));
  }
  const env = { HANABI_MODULE_DIRS: dirs.join(':'), HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' };
  const server = await startServer({ env });
  try {
    const desktop = await Desktop.signIn(server.url);
    const cold: number[] = [];
    const bare: number[] = [];
    for (const id of ids) {
      const launch = await desktop.launch(id);
      bare.push(await timed(bareBubblewrap));
      cold.push(await timed(() => runJob(desktop, launch)));
      // The sandbox that is now being prepared for this module is not to disturb the next measurement.
      await pause(BETWEEN_WARM_RUNS_MS);
    }
    const warm: number[] = [];
    const launch = await desktop.launch(ids[0]!);
    for (let run = 0; run < WARM_RUNS; run += 1) {
      await pause(BETWEEN_WARM_RUNS_MS);
      warm.push(await timed(() => runJob(desktop, launch)));
    }
    const against = 'bare bwrap … python3 -I -S -c pass';
    return [
      figure('job.cold', 'ms', median(cold), median(bare), against),
      figure('job.warm', 'ms', median(warm.slice(5)), median(bare), against),
    ];
  } finally {
    await server.stop();
  }
}

async function runJob(desktop: Desktop, launch: { id: string }): Promise<void> {
  const answer = await desktop.ask(launch, 'HANABI_CREATE_JOB', {});
  if (!answer.ok) throw new Error(answer.error.message);
}

async function bareBubblewrap(): Promise<void> {
  const child = spawn('bwrap', BARE, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`bwrap ended with ${code}`);
}

async function timed(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
