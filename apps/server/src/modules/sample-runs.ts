/** Runs the worker of a version twice on its own sample inputs, each time in a sandbox that nobody has used. */
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HanabiError, LIMITS, type Manifest, type SampleRun, type SampleRuns, type Tiers } from '@hanabi/protocol';
import { packageFiles, SAMPLE_INPUTS } from '@hanabi/module-package';
import type { JobSpec, Sandbox } from '@hanabi/sandbox';
import { newId } from '../ids.ts';
import type { ModuleLibraries } from './libraries.ts';

interface Parts {
  sandbox: Sandbox;
  libraries: ModuleLibraries;
  tiers: Tiers;
}

export async function runSamples(
  { sandbox, libraries, tiers }: Parts,
  package_dir: string,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<SampleRuns> {
  const entry = manifest.entrypoints.worker;
  if (!entry) throw new HanabiError('HANABI-W001', manifest.name);
  const limits = Object.hasOwn(tiers, manifest.worker.tier) ? tiers[manifest.worker.tier] : undefined;
  if (!limits) throw new HanabiError('HANABI-M007', `"${manifest.worker.tier}"`);
  const files = (await packageFiles(package_dir)).filter(({ path }) => path.startsWith(`${SAMPLE_INPUTS}/`));
  const spec: Omit<JobSpec, 'id'> = {
    module_dir: package_dir,
    entry,
    inputs: files
      .slice(0, LIMITS.job_inputs_max)
      .map(({ path }) => ({ name: basename(path), path: join(package_dir, path) })),
    options: {},
    limits,
    libraries: false,
    layer_dir: await libraries.layerOf(manifest, signal),
    native: manifest.permissions.includes('worker.native'),
    // Nobody has approved it yet: what it would send, it sends to nobody.
    network: undefined,
  };
  const runs = [await runOnce(sandbox, spec, signal), await runOnce(sandbox, spec, signal)];
  const facts = runs.map(({ ok, error, outputs }) => JSON.stringify([ok, error?.code, outputs]));
  return { runs, same: facts[0] === facts[1] };
}

async function runOnce(sandbox: Sandbox, spec: Omit<JobSpec, 'id'>, signal: AbortSignal): Promise<SampleRun> {
  const started = performance.now();
  const wall_ms = () => Math.round(performance.now() - started);
  try {
    const job = sandbox.runJob({ ...spec, id: `sample-${newId()}` }, signal);
    let step = await job.next();
    while (!step.done) step = await job.next();
    const { outputs, log } = step.value;
    const [first] = outputs;
    if (first) await rm(dirname(first.path), { recursive: true, force: true });
    const named = outputs.map(({ name, size_bytes, sha256 }) => ({ name, size_bytes, sha256 }));
    named.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { ok: true, error: null, log, wall_ms: wall_ms(), outputs: named };
  } catch (error) {
    if (!(error instanceof HanabiError)) throw error;
    const { code, message, log = '' } = error;
    return { ok: false, error: { code, message }, log, wall_ms: wall_ms(), outputs: [] };
  }
}
