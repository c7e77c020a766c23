/** No-op jobs from the request to the stored output: how long one takes, how many a second, what a waiting one holds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type Desktop as SignedIn, Desktop } from '../../apps/server/test/harness/desktop.ts';
import { makeModule } from '../../apps/server/test/harness/make-module.ts';
import { type RunningServer, startServer } from '../../apps/server/test/harness/start-server.ts';
import { type Figure, figure, median } from './figures.ts';

const NO_OP = 'def run(inputs, options):\n    return {"out.txt": b"x"}\n';
/** More than the server takes, for as long as the pings go on. */
const FLOOD = `
def run(inputs, options):
    for number in range(400_000):
        yield {"pct": number / 4000, "message": "m" * 200}
        if number % 100 == 0:
            yield {"output": "o" * 1000}
            print("flood " * 100)
    return {}
`;
const COLD_RUNS = 20;
const WARM_RUNS = 40;
const JOBS_AT_ONCE = [1, 2, 4, 8];
const JOBS_OF_A_RATE = 240;
/** One module is to have no more than its share of the places. */
const MODULES_OF_A_RATE = 8;
/** Long enough for the next sandbox to have been prepared. */
const BETWEEN_RUNS_MS = 150;
const PINGS = 400;
const STALL_TARGET_MS = 50;
const IDLE_TARGET_MB = 4;
const RATE_TARGETS = { bubblewrap: 120, 'fork server': 450 };
const FIRST_UID_OF_SLOTS = 1_900_000_000;

const BARE = [
  '--unshare-all --die-with-parent --new-session --clearenv --cap-drop ALL --ro-bind /usr /usr --symlink usr/bin /bin',
  '--symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp /usr/bin/python3 -I -S -c pass',
]
  .join(' ')
  .split(' ');

export async function benchJobs(): Promise<Figure[]> {
  return [...(await benchForm('fork server', 'on', '')), ...(await benchForm('bubblewrap', 'off', '.bwrap'))];
}

async function benchForm(form: keyof typeof RATE_TARGETS, forkServer: string, suffix: string): Promise<Figure[]> {
  const ids = Array.from({ length: COLD_RUNS }, (_, index) => `bench-job-${index}`);
  const dirs: string[] = [];
  const permissions = ['jobs.create', 'jobs.emit_progress', 'worker.execute'] as const;
  for (const id of ids) dirs.push(await makeModule({ id, permissions: [...permissions], worker: NO_OP }));
  dirs.push(await makeModule({ id: 'bench-flood', permissions: [...permissions], worker: FLOOD }));
  const env = {
    HANABI_MODULE_DIRS: dirs.join(':'),
    HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
    HANABI_WORKER_FORK_SERVER: forkServer,
    HANABI_WORKER_JOBS_MAX: '8',
  };
  const server = await startServer({ env });
  try {
    const desktop = await Desktop.signIn(server.url);
    const runs = await Promise.all(ids.map(async (id) => jobOf(desktop, (await desktop.launch(id)).id)));
    await pause(BETWEEN_RUNS_MS);
    const idle = memoryOfWaiting(server);
    const cold: number[] = [];
    const bare: number[] = [];
    for (const run of runs) {
      bare.push(await timed(bareBubblewrap));
      await pause(BETWEEN_RUNS_MS);
      cold.push(await timed(run));
      await pause(BETWEEN_RUNS_MS);
    }
    const warm: number[] = [];
    for (let round = 0; round < WARM_RUNS; round += 1) {
      await pause(BETWEEN_RUNS_MS);
      warm.push(await timed(runs[0]!));
    }
    const trip = await pipeRoundTrip();
    const rates: Figure[] = [];
    for (const at of JOBS_AT_ONCE) {
      const target = at === JOBS_AT_ONCE.at(-1) ? RATE_TARGETS[form] : null;
      const rate = await ratePerSecond(runs.slice(0, MODULES_OF_A_RATE), at);
      rates.push(figure(`job.rate${at}${suffix}`, 'jobs/s', rate, target, target ? 'target' : 'nothing'));
    }
    return [
      figure(`job.cold${suffix}`, 'ms', median(cold), median(bare), 'bare bwrap … python3 -I -S -c pass'),
      figure(`job.warm${suffix}`, 'ms', median(warm), trip, 'pipe round trip to a running python'),
      ...rates,
      ...(form === 'fork server'
        ? [figure('sandbox.idle', 'MB', idle, IDLE_TARGET_MB, 'target; proportional share of one that waits')]
        : []),
      figure(`server.stall${suffix}`, 'ms', await stall(desktop), STALL_TARGET_MS, 'target; p99 of GET /healthz'),
    ];
  } finally {
    await server.stop();
  }
}

function jobOf(desktop: SignedIn, launchId: string): () => Promise<void> {
  return async () => {
    const answer = await desktop.ask({ id: launchId }, 'HANABI_CREATE_JOB', {});
    if (!answer.ok) throw new Error(answer.error.message);
  };
}

async function ratePerSecond(runs: readonly (() => Promise<void>)[], at: number): Promise<number> {
  let left = JOBS_OF_A_RATE;
  const start = performance.now();
  const lane = async (number: number) => {
    while (left > 0) {
      left -= 1;
      await runs[number % runs.length]!();
    }
  };
  await Promise.all(Array.from({ length: at }, (_, number) => lane(number)));
  return JOBS_OF_A_RATE / ((performance.now() - start) / 1000);
}

/** Of the users of slots, as they wait; the fork server itself is no sandbox. */
function memoryOfWaiting(server: RunningServer): number {
  const boxes = new Map<number, number>();
  const servers = new Set<number>();
  for (const pid of descendantsOf(server.process.pid!)) {
    try {
      const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
      if (uid < FIRST_UID_OF_SLOTS) continue;
      if (readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('python3') && pidNamespaces(pid) === 1) servers.add(uid);
      const pss = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]);
      boxes.set(uid, (boxes.get(uid) ?? 0) + pss / 1024);
    } catch {
      // It has just ended.
    }
  }
  return median([...boxes].filter(([uid]) => !servers.has(uid)).map(([, mb]) => mb));
}

/** Below that of the host. A fork server lives in one, its clones in one below. */
function pidNamespaces(pid: number): number {
  return (
    /^NSpid:(.*)$/m
      .exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!
      .trim()
      .split(/\s+/).length - 1
  );
}

function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]);
      parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
    } catch {
      // It has just ended.
    }
  }
  const below = (parent: number): number[] => (parents.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

async function pipeRoundTrip(): Promise<number> {
  const echo = 'import os\nwhile True:\n    os.write(1, os.read(0, 100))';
  const child = spawn('/usr/bin/python3', ['-I', '-S', '-c', echo], { stdio: ['pipe', 'pipe', 'inherit'] });
  const times: number[] = [];
  for (let round = 0; round < WARM_RUNS; round += 1) {
    const answer = once(child.stdout, 'data');
    times.push(
      await timed(async () => {
        child.stdin.write('x');
        await answer;
      }),
    );
  }
  child.kill();
  return median(times);
}

/** While two workers flood the server; asked from a process that has nothing else to do. */
async function stall(desktop: SignedIn): Promise<number> {
  const launch = await desktop.launch('bench-flood');
  const floods = [0, 1].map(() => desktop.ask(launch, 'HANABI_CREATE_JOB', {}));
  const script = `
    const times = [];
    for (let n = 0; n < ${PINGS}; n += 1) {
      const start = performance.now();
      await (await fetch(${JSON.stringify(`${desktop.url}/healthz`)})).text();
      times.push(performance.now() - start);
    }
    console.log(times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)]);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  await Promise.all(floods);
  return Number(line);
}

async function bareBubblewrap(): Promise<void> {
  const child = spawn('bwrap', BARE, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`bwrap ended with ${code}`);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
