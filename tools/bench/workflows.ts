/** Durable workflows: what a run in memory costs beside one without a sandbox, and what goes through the engine. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inRoot, PYTHON } from '../setup/paths.mjs';
import { type Figure, figure } from './figures.ts';

interface Instances {
  readonly bare: Cost;
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
  const { bare, plain, large, replay_1k, replay_10k } = await measureInstances();
  const unsandboxed = 'the same without the sandbox';
  const again = '5,000 lines of modules loaded anew ÷ none';
  return [
    figure('workflow.create', 'ms', plain.ms, bare.ms, unsandboxed),
    figure('workflow.create.large', 'ms', large.ms, plain.ms, again),
    figure('workflow.memory', 'KB', plain.bytes / KB, bare.bytes / KB, unsandboxed),
    figure('workflow.memory.large', 'KB', large.bytes / KB, plain.bytes / KB, again),
    figure('workflow.activation', 'ms', replay_10k, replay_1k, 'each of 10⁴ activations ÷ each of 10³'),
    figure('workflow.fiveSteps', 'jobs/s', await measureSteps(), null, 'a hundred at a time, engine in memory'),
  ];
}

async function measureInstances(): Promise<Instances> {
  const env = { ...process.env, PYTHONPATH: inRoot('python'), PYTHONHASHSEED: '0' };
  const { stdout } = await run(PYTHON, ['-P', inRoot('tools/bench/workflow-instances.py')], { env });
  return JSON.parse(stdout) as Instances;
}

async function measureSteps(): Promise<number> {
  const command = [
    inRoot('packages/module-cli/dist/hanabi.js'),
    'workflow',
    'run',
    inRoot('tools/bench/workflow-steps.py'),
  ];
  const { stdout } = await run(process.execPath, command);
  return Number(stdout);
}
