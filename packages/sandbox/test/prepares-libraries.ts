/** Prepares libraries from an index, imports them in a job, and prints what that found; as whoever starts it. */
import { join } from 'node:path';
import { WORKER_TIERS } from '@hanabi/protocol';
import { createLibraries, createSandbox } from '../src/index.ts';
import { readFileSync } from 'node:fs';

const [folder, index_url, requirement, module] = process.argv.slice(2) as [string, string, string, string];
const settings = { store_dir: join(folder, 'store'), work_dir: join(folder, 'builds'), system_packages: false };
const libraries = await createLibraries({ ...settings, index_url });
const { layer_dir } = await libraries.prepare([requirement]);
await libraries.close();
const sandbox = await createSandbox({ backend: 'bubblewrap', work_dir: join(folder, 'work'), jobs_max: 1 });
const spec = {
  id: 'imports',
  module_dir: import.meta.dirname,
  entry: 'workers/imports_what_it_is_told.py',
  inputs: [],
  options: { names: [module] },
  limits: WORKER_TIERS.small,
  libraries: false,
  layer_dir,
};
const job = sandbox.runJob(spec, new AbortController().signal);
let step = await job.next();
while (!step.done) step = await job.next();
console.log((JSON.parse(readFileSync(step.value.outputs[0]!.path, 'utf8')) as { values: object }).values);
await sandbox.close();
