/** Durable workflows: what a run in memory costs beside one without a sandbox, and what goes through the engine. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { makeTemplate, POSTGRES_VARIABLE } from '../../apps/server/test/harness/engine.ts';
import { FIVE_STEPS_AT_ONCE, measureFiveSteps } from '../../apps/server/test/harness/workflow-rates.ts';
import { inRoot, PYTHON } from '../setup/paths.mjs';
import { postgresPrograms, startPostgres } from '../setup/postgres.mjs';
import { type Figure, figure } from './figures.ts';

interface Instances {
  readonly bare: Cost;
  readonly bare_large: Cost;
  readonly plain: Cost;
  readonly large: Cost;
  readonly replay_1k: number;
  readonly replay_10k: number;
}

interface Cost {
  readonly ms: number;
  readonly bytes: number;
}

const KB = 1024;
const run = promisify(execFile);

export async function benchWorkflows(): Promise<Figure[]> {
  const { bare, bare_large, plain, large, replay_1k, replay_10k } = await measureInstances();
  const unsandboxed = 'the same without the sandbox';
  return [
    figure('workflow.create', 'ms', plain.ms, bare.ms, unsandboxed),
    figure('workflow.create.large', 'ms', large.ms, bare_large.ms, unsandboxed),
    figure('workflow.memory', 'KB', plain.bytes / KB, bare.bytes / KB, unsandboxed),
    figure('workflow.memory.large', 'KB', large.bytes / KB, bare_large.bytes / KB, unsandboxed),
    figure('workflow.activation', 'ms', replay_10k, replay_1k, 'each of 10⁴ activations ÷ each of 10³'),
    figure('workflow.replay', 'ms', ...(await measureReplay()), 'a history of 10⁴ events ÷ ten of 10³'),
    figure('workflow.fiveSteps', 'jobs/s', await measureSteps(), null, 'a hundred at a time, engine in memory'),
    ...(await onServer('sqlite')),
    ...(postgresPrograms() ? await onPostgres() : []),
  ];
}

/** Started for this, with what a server of the operator's would have: it is on the disk when it says so. */
async function onPostgres(): Promise<Figure[]> {
  const { url, stop } = await startPostgres({ durable: true });
  try {
    await makeTemplate(url);
    process.env[POSTGRES_VARIABLE] = url;
    return await onServer('postgres');
  } finally {
    delete process.env[POSTGRES_VARIABLE];
    await stop();
  }
}

/** From the page's wish to the result at the page, each activity sealed. */
async function onServer(engine: string): Promise<Figure[]> {
  const { per_second, alone_ms } = await measureFiveSteps();
  const name = `workflow.fiveSteps.${engine}`;
  const peer = 'five jobs one after the other, each with a file';
  return [
    figure(name, 'jobs/s', per_second.workflows, per_second.jobs, `${peer}; ${FIVE_STEPS_AT_ONCE} at a time`),
    figure(`${name}.alone`, 'ms', alone_ms.workflow, alone_ms.jobs, `${peer}; one at a time`),
  ];
}

async function measureInstances(): Promise<Instances> {
  const env = { ...process.env, PYTHONPATH: inRoot('python'), PYTHONHASHSEED: '0' };
  const { stdout } = await run(PYTHON, ['-P', inRoot('tools/bench/workflow-instances.py')], { env });
  return JSON.parse(stdout) as Instances;
}

/** Milliseconds for a history of 10,000 events, and for ten of 1,000. */
async function measureReplay(): Promise<[number, number]> {
  const times = JSON.parse(await runScript('workflow-replay.py')) as Record<'replay_1000' | 'replay_10000', number>;
  return [times.replay_10000 * 10, times.replay_1000 * 10];
}

async function measureSteps(): Promise<number> {
  return Number(await runScript('workflow-steps.py'));
}

async function runScript(name: string): Promise<string> {
  const command = [inRoot('packages/module-cli/dist/hanabi.js'), 'workflow', 'run', inRoot(`tools/bench/${name}`)];
  const { stdout } = await run(process.execPath, command);
  return stdout;
}
