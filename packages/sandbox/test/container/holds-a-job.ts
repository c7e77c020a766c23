/** Started by a test that kills it: has a job run, prints that it does, and waits. */
import { fileURLToPath } from 'node:url';
import { WORKER_TIERS } from '@hanabi/protocol';
import { containerSettings, createSandbox } from '../../src/index.ts';

const [work_dir, HANABI_WORKER_DOCKER_SOCKET] = process.argv.slice(2) as [string, string];
const container = containerSettings({ HANABI_WORKER_DOCKER_SOCKET });
const sandbox = await createSandbox({ backend: 'container', work_dir, jobs_max: 1, container });
const spec = {
  id: 'held',
  module_dir: fileURLToPath(new URL('..', import.meta.url)),
  entry: 'workers/sleeps.py',
  inputs: [],
  options: {},
  limits: WORKER_TIERS.standard,
  libraries: false,
};
for await (const { kind } of sandbox.runJob(spec, new AbortController().signal)) {
  if (kind === 'progress') console.log('it runs');
}
