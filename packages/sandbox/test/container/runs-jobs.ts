/** Started by tests as another user or in another namespace: runs workers one by one and prints how each ended. */
import { fileURLToPath } from 'node:url';
import { HanabiError, WORKER_TIERS } from '@hanabi/protocol';
import { containerSettings, createSandbox, type JobResult } from '../../src/index.ts';

const [work_dir, HANABI_WORKER_DOCKER_SOCKET, ...workers] = process.argv.slice(2) as [string, string, ...string[]];
const container = containerSettings({ HANABI_WORKER_DOCKER_SOCKET });
const sandbox = await createSandbox({ backend: 'container', work_dir, jobs_max: 1, container });
const outcomes: Record<string, unknown> = {};
for (const worker of workers) outcomes[worker] = await outcomeOf(worker);
const status = await sandbox.status();
await sandbox.close();
console.log(JSON.stringify({ status, outcomes }));

async function outcomeOf(worker: string): Promise<unknown> {
  const spec = {
    id: `job-${worker}`,
    module_dir: fileURLToPath(new URL('..', import.meta.url)),
    entry: `workers/${worker}.py`,
    inputs: [],
    options: {},
    limits: { ...WORKER_TIERS.small, cpu_ms_max: 1000, wall_ms_max: 8000 },
    libraries: false,
  };
  try {
    const job = sandbox.runJob(spec, new AbortController().signal);
    let step: IteratorResult<unknown, JobResult> = await job.next();
    while (!step.done) step = await job.next();
    return { names: step.value.outputs.map(({ name }) => name), log: step.value.log };
  } catch (error) {
    if (!(error instanceof HanabiError)) throw error;
    return { code: error.code, log: error.log };
  }
}
