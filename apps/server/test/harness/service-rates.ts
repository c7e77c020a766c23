/** Services in real sandboxes: how long a tick takes, how many there are in a second, how well they keep time, what an idle one holds. */
import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MIB, WORKER_TIERS } from '@hanabi/protocol';
import { createSandbox, type Sandbox, ServiceRunner, type ServiceSession, type ServiceSpec } from '@hanabi/sandbox';

const PROGRAM = 'def tick(ctx):\n    return sum(range(100))\n';
const DIRECT = `import time
${PROGRAM}
start = time.perf_counter()
for _ in range(20000):
    tick(None)
print((time.perf_counter() - start) / 20000 * 1000)
`;
const TICKS = 2000;
export const TICKING_AT_ONCE = 8;
export const IDLE_SERVICES = 200;
export const GRID_TICKS = 1000;
const GRID_INTERVAL_MS = 50;
/** Where the users of sandboxes begin. */
const FIRST_UID_OF_SLOTS = 1_900_000_000;

export interface ServiceRates {
  /** The median, of one alone. */
  tick_ms: number;
  /** The same function, called directly. */
  direct_ms: number;
  /** Of `TICKING_AT_ONCE` together. */
  ticks_per_s: number;
  /** How far the time between two of `GRID_TICKS` ticks was from what it should be, at worst. */
  off_ms: number;
  /** Each of `IDLE_SERVICES`. */
  idle_mb: number;
}

export async function measureServices(): Promise<ServiceRates> {
  const folder = await mkdtemp(join(tmpdir(), 'hanabi-bench-services-'));
  await promisify(execFile)('chmod', ['755', folder]);
  const module_dir = join(folder, 'module');
  await mkdir(module_dir);
  await writeFile(join(module_dir, 'main.py'), PROGRAM);
  const work_dir = join(folder, 'work');
  await mkdir(work_dir, { mode: 0o711 });
  const sandbox = await createSandbox({ backend: 'bubblewrap', work_dir, jobs_max: 4 });
  try {
    const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-I', '-S', '-c', DIRECT]);
    const first = await Ticking.open(sandbox, module_dir);
    const times = await first.times(TICKS);
    const tick_ms = times.toSorted((one, other) => one - other)[TICKS / 2]!;
    const all = [
      first,
      ...(await Promise.all(Array.from({ length: TICKING_AT_ONCE - 1 }, () => Ticking.open(sandbox, module_dir)))),
    ];
    const startedAt = performance.now();
    await Promise.all(all.map((one) => one.times(TICKS)));
    const ticks_per_s = (all.length * TICKS) / ((performance.now() - startedAt) / 1000);
    await Promise.all(all.map((one) => one.close()));
    return {
      tick_ms,
      direct_ms: Number(stdout),
      ticks_per_s,
      off_ms: await drift(sandbox, module_dir),
      idle_mb: await idleMemory(sandbox, module_dir),
    };
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class Ticking {
  readonly #session: ServiceSession;
  #calls = 0;

  private constructor(session: ServiceSession) {
    this.#session = session;
  }

  static async open(sandbox: Sandbox, module_dir: string): Promise<Ticking> {
    const session = await sandbox.openService(specOf(module_dir), new AbortController().signal);
    await session.events.next();
    return new Ticking(session);
  }

  /** How long each of so many ticks took, one after the other. */
  async times(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let at = 0; at < count; at += 1) {
      this.#calls += 1;
      const startedAt = performance.now();
      this.#session.send({ kind: 'call', id: this.#calls, name: 'tick' });
      await this.#session.events.next();
      times.push(performance.now() - startedAt);
    }
    return times;
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

let services = 0;

function specOf(module_dir: string): ServiceSpec {
  services += 1;
  const limits = { ...WORKER_TIERS.small, cpu_ms_max: 3_600_000 };
  return { id: `bench-${services}`, module_dir, entry: 'main.py', limits };
}

/** How much longer or shorter than it should be the time between two ticks was, at worst. */
async function drift(sandbox: Sandbox, module_dir: string): Promise<number> {
  const begun: number[] = [];
  const through = new EventEmitter();
  const enough = once(through, 'enough');
  const runner = new ServiceRunner({
    interval_ms: GRID_INTERVAL_MS,
    open: (signal) => sandbox.openService(specOf(module_dir), signal),
    answer: async () => ({ value: null }),
    async tell({ kind }) {
      if (kind === 'ticking') begun.push(performance.now());
      if (begun.length === GRID_TICKS) through.emit('enough');
      return 'kept';
    },
  });
  runner.start();
  await enough;
  await runner.stop();
  return Math.max(...begun.slice(1).map((time, at) => Math.abs(time - begun[at]! - GRID_INTERVAL_MS)));
}

/** Of each, in MB: what its processes hold alone and their part of what they share. */
async function idleMemory(sandbox: Sandbox, module_dir: string): Promise<number> {
  const before = memoryOfSlots();
  const all: Ticking[] = [];
  for (let at = 0; at < IDLE_SERVICES; at += 1) {
    const one = await Ticking.open(sandbox, module_dir);
    await one.times(1);
    all.push(one);
  }
  const held = memoryOfSlots() - before;
  await Promise.all(all.map((one) => one.close()));
  return held / MIB / IDLE_SERVICES;
}

function memoryOfSlots(): number {
  let bytes = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
      if (uid < FIRST_UID_OF_SLOTS) continue;
      const rollup = readFileSync(`/proc/${name}/smaps_rollup`, 'utf8');
      bytes += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1024;
    } catch {
      // it has just ended
    }
  }
  return bytes;
}
