/** Workflows of five activities on a real server with real sandboxes, beside five jobs of a worker one after the other. */
import type { Results } from '@hanabi/protocol';
import type { Desktop } from './desktop.ts';
import { KillableServer } from './killable-server.ts';
import { makeModule } from './make-module.ts';
import { workflowModule } from './workflow-module.ts';

export const FIVE_STEPS_AT_ONCE = 8;
const STEPS = 5;
const RUNS = 40;
const ALONE_RUNS = 9;

const PROGRAM = `
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def step(n: int) -> int:
    return n + 1


@workflow.defn
class FiveSteps:
    @workflow.run
    async def run(self) -> int:
        value = 0
        for _ in range(${STEPS}):
            value = await workflow.execute_activity(step, value, start_to_close_timeout=timedelta(seconds=30))
        return value
`;

const WORKER = 'def run(inputs, options):\n    return {"out.txt": b"x"}\n';

export interface WorkflowRates {
  /** In a second, `FIVE_STEPS_AT_ONCE` at a time: workflows, and rows of as many jobs. */
  per_second: { workflows: number; jobs: number };
  /** The median of one alone, in milliseconds. */
  alone_ms: { workflow: number; jobs: number };
}

/** In a database as this process’s tests have theirs. */
export async function measureFiveSteps(): Promise<WorkflowRates> {
  const { env, prepare } = await workflowModule('bench-workflow', PROGRAM);
  const jobs_dir = await makeModule({
    id: 'bench-job',
    worker: WORKER,
    permissions: ['jobs.create', 'worker.execute'],
  });
  const dirs = `${env.HANABI_MODULE_DIRS}:${jobs_dir}`;
  const server = await KillableServer.start({ env: { ...env, HANABI_MODULE_DIRS: dirs }, prepare });
  try {
    const workflow = await workflowOf(server.desktop);
    const jobs = await jobsOf(server.desktop);
    // What is started for the first time is.
    await Promise.all([workflow(), jobs()]);
    const alone_ms = { workflow: await medianOf(workflow), jobs: await medianOf(jobs) };
    return { per_second: { workflows: await rateOf(workflow), jobs: await rateOf(jobs) }, alone_ms };
  } finally {
    await server.stop();
  }
}

async function workflowOf(desktop: Desktop): Promise<() => Promise<void>> {
  const launch = await desktop.launch('bench-workflow');
  return async () => {
    const { id } = await ask<'HANABI_WORKFLOW_START'>(desktop, launch, 'HANABI_WORKFLOW_START', {
      workflow: 'FiveSteps',
    });
    const { value } = await ask<'HANABI_WORKFLOW_RESULT'>(desktop, launch, 'HANABI_WORKFLOW_RESULT', { id });
    if (value !== STEPS) throw new Error(`a workflow came to ${JSON.stringify(value)}`);
  };
}

async function jobsOf(desktop: Desktop): Promise<() => Promise<void>> {
  const launch = await desktop.launch('bench-job');
  return async () => {
    for (let step = 0; step < STEPS; step += 1) await ask(desktop, launch, 'HANABI_CREATE_JOB', {});
  };
}

async function ask<Type extends keyof Results>(
  desktop: Desktop,
  launch: { id: string },
  type: Type,
  payload: object,
): Promise<Results[Type]> {
  const answer = await desktop.ask(launch, type, payload);
  if (!answer.ok) throw new Error(`${answer.error.code} ${answer.error.message}`);
  return answer.data as Results[Type];
}

async function rateOf(run: () => Promise<void>): Promise<number> {
  let left = RUNS;
  const begun = performance.now();
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await run();
    }
  };
  await Promise.all(Array.from({ length: FIVE_STEPS_AT_ONCE }, lane));
  return RUNS / ((performance.now() - begun) / 1000);
}

async function medianOf(run: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ALONE_RUNS; round += 1) {
    const begun = performance.now();
    await run();
    times.push(performance.now() - begun);
  }
  return times.toSorted((one, other) => one - other)[Math.floor(ALONE_RUNS / 2)]!;
}
