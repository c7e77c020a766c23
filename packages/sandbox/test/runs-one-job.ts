/** Started by tests as another user, or with a descriptor too many: runs looks_around and prints what it found. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKER_TIERS } from '@hanabi/protocol';
import { createSandbox } from '../src/index.ts';

const work_dir = process.argv[2]!;
const input = join(work_dir, 'input.txt');
writeFileSync(input, 'the original');
const sandbox = await createSandbox({ backend: 'bubblewrap', work_dir, jobs_max: 1 });
const job = sandbox.runJob(
  {
    id: 'one',
    module_dir: import.meta.dirname,
    entry: 'workers/looks_around.py',
    inputs: [{ name: 'input.txt', path: input }],
    options: { read: [], write: ['/in/input.txt', '/new'], abstract: 'nobody' },
    limits: WORKER_TIERS.small,
    libraries: false,
  },
  new AbortController().signal,
);
let step = await job.next();
while (!step.done) step = await job.next();
const found = JSON.parse(readFileSync(step.value.outputs[0]!.path, 'utf8')) as unknown;
console.log(JSON.stringify({ status: await sandbox.status(), found }));
await sandbox.close();
