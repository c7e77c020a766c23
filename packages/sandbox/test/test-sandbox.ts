/** What every test of this folder needs: a sandbox of its own, and jobs from the files in `workers/`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HanabiError, type TierLimits, WORKER_TIERS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe } from 'vitest';
import type { JobEvent, JobResult, JobSpec, Sandbox } from '../src/index.ts';
import { createSandbox } from '../src/index.ts';

export const isRoot = process.getuid?.() === 0;

/** Small enough that a test of a limit takes a moment. */
export const QUICK_LIMITS: TierLimits = { ...WORKER_TIERS.small, cpu_ms_max: 1000, wall_ms_max: 10_000 };

const probeFolder = mkdtempSync(join(tmpdir(), 'hanabi-probe-'));
const probe = await createSandbox({ backend: 'bubblewrap', work_dir: probeFolder, jobs_max: 1 });
export const machine = await probe.status();
await probe.close();
await rm(probeFolder, { recursive: true });

/** Skips visibly where no sandbox can run, and says why. */
export const describeSandboxed = (title: string, body: () => void) =>
  describe.skipIf(!machine.ready)(machine.ready ? title : `${title} (${machine.note})`, body);

export interface Outcome {
  events: JobEvent[];
  result?: JobResult;
  error?: HanabiError;
  /** Content of the outputs by name. */
  files: Record<string, Buffer>;
}

let jobs = 0;

export function jobOf(worker: string, changes: Partial<JobSpec> = {}): JobSpec {
  jobs += 1;
  return {
    id: `job-${process.pid}-${jobs}`,
    module_dir: import.meta.dirname,
    entry: `workers/${worker}.py`,
    inputs: [],
    options: {},
    limits: QUICK_LIMITS,
    libraries: false,
    ...changes,
  };
}

export async function runJob(
  sandbox: Sandbox,
  spec: JobSpec,
  signal: AbortSignal = new AbortController().signal,
): Promise<Outcome> {
  const outcome: Outcome = { events: [], files: {} };
  const job = sandbox.runJob(spec, signal);
  try {
    for (;;) {
      const step = await job.next();
      if (step.done) {
        outcome.result = step.value;
        for (const { name, path } of step.value.outputs) outcome.files[name] = await readFile(path);
        return outcome;
      }
      outcome.events.push(step.value);
    }
  } catch (error) {
    if (!(error instanceof HanabiError)) throw error;
    return { ...outcome, error };
  }
}

/** Pulls until the worker runs. */
export async function started(job: AsyncGenerator<JobEvent, JobResult, void>): Promise<void> {
  for (;;) {
    const step = await job.next();
    if (step.done) throw new Error('it ended before it started');
    if (step.value.kind === 'started') return;
  }
}

export interface TestSandbox {
  sandbox: Sandbox;
  folder: string;
  work_dir: string;
  /** A host file that a job may get. */
  file(name: string, content: string): Promise<string>;
}

/** One sandbox for the tests of a `describe`. */
export function withSandbox(open: (work_dir: string) => Promise<Sandbox> = openInProcess): TestSandbox {
  const folder = mkdtempSync(join(tmpdir(), 'hanabi-sandbox-test-'));
  const work_dir = join(folder, 'work');
  const test = {
    folder,
    work_dir,
    async file(name: string, content: string) {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    },
  } as TestSandbox;
  beforeAll(async () => {
    // Reachable for the users of the slots, as /var/lib/… is.
    await chmod(folder, 0o755);
    await mkdir(work_dir, { mode: 0o711 });
    test.sandbox = await open(work_dir);
  });
  afterAll(async () => {
    await test.sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });
  return test;
}

export function openInProcess(work_dir: string): Promise<Sandbox> {
  return createSandbox({ backend: 'bubblewrap', work_dir, jobs_max: 4 });
}

/** Living processes of the host that belong to sandboxes of this test: they mount, or are told to mount, its folder. */
export function processesOf({ folder }: TestSandbox): number[] {
  // The host itself mounts output folders below it.
  const namespace = readlinkSync('/proc/self/ns/mnt');
  const isSandboxed = (name: string) => {
    try {
      return readlinkSync(`/proc/${name}/ns/mnt`) !== namespace;
    } catch {
      return false; // as below
    }
  };
  const mentions = (file: string) => {
    try {
      return readFileSync(file, 'latin1').includes(folder);
    } catch {
      return false; // it has just ended
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => (isSandboxed(name) && mentions(`/proc/${name}/mountinfo`)) || mentions(`/proc/${name}/cmdline`))
    .map(Number);
}

/** A process of a box that sees a package: bubblewrap's first one and Python. */
export function mountsPackage(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, 'latin1').includes(' /module ');
  } catch {
    return false;
  }
}

/** Runs a script in a Node of its own, started by a launcher such as setpriv. */
export function runScript(
  script: URL,
  args: string[],
  launcher: string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): { stdout: string; stderr: string } {
  const node = [process.execPath, '--import', 'tsx', fileURLToPath(script), ...args];
  const [file, ...rest] = [...launcher, ...node] as [string, ...string[]];
  return spawnSync(file, rest, { encoding: 'utf8', env, cwd: import.meta.dirname });
}
