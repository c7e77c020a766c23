/** Started by a test as another user: runs the workers that are named, one after the other, and prints how each ended. */
import { join } from 'node:path';
import { type HanabiError, WORKER_TIERS } from '@hanabi/protocol';
import { createSandbox, type JobSpec } from '../src/index.ts';

const [work_dir = '', ...workers] = process.argv.slice(2);
const sandbox = await createSandbox({ backend: 'bubblewrap', work_dir: join(work_dir, 'work'), jobs_max: 1 });
const ended: unknown[] = [];
for (const [index, worker] of workers.entries()) {
  if (worker === '--killed') process.kill(process.pid, 'SIGKILL');
  const spec: JobSpec = {
    id: `job-${index}`,
    module_dir: import.meta.dirname,
    entry: `workers/${worker}.py`,
    inputs: [],
    options: { depth: 40 },
    limits: WORKER_TIERS.small,
    libraries: false,
  };
  const job = sandbox.runJob(spec, new AbortController().signal);
  try {
    let step = await job.next();
    while (!step.done) step = await job.next();
    ended.push(step.value.outputs.map(({ name }) => name).toSorted());
  } catch (error) {
    ended.push((error as HanabiError).code);
  }
}
console.log(JSON.stringify({ note: (await sandbox.status()).note, ended }));
await sandbox.close();
