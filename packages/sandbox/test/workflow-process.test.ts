/** Workflows and their activities in real sandboxes: activations in, commands out. */
import { readFile } from 'node:fs/promises';
import { WORKER_TIERS } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { type Activation, type JobSpec, type Sandbox, WorkflowProcess } from '../src/index.ts';
import { describeBackends } from './backends.ts';
import { withSandbox } from './test-sandbox.ts';

const never = new AbortController().signal;
const name = { metadata: { encoding: btoa('json/plain') }, data: btoa('"Ada"') };
let opened = 0;

/** Of an attempt. */
interface Became {
  completed?: { result: { data: string } };
  cancelled?: { failure: unknown };
}

async function processOf(sandbox: Sandbox, entry: string): Promise<WorkflowProcess> {
  opened += 1;
  const id = `workflows-${process.pid}-${opened}`;
  const spec = { id, profile: 'workflow' as const, module_dir: import.meta.dirname, entry, limits: WORKER_TIERS.small };
  return new WorkflowProcess(await sandbox.openService(spec, never), 20_000);
}

function begins(runId: string, workflowType: string): Activation {
  const initializeWorkflow = { workflowType, workflowId: 'w', arguments: [name], randomnessSeed: '1' };
  return { runId, timestamp: { seconds: 1 }, isReplaying: false, historyLength: 3, jobs: [{ initializeWorkflow }] };
}

describeBackends('workflows', ({ open }) => {
  const test = withSandbox(open);

  it('are executed one activation after the other, and forgotten when the host says so', async () => {
    const host = await processOf(test.sandbox, 'workflow-files/greets.py');
    const [one, other] = await Promise.all([host.activate(begins('r1', 'Greets')), host.activate(begins('r2', 'No'))]);
    expect(one.successful?.commands).toMatchObject([{ scheduleActivity: { seq: 1, activityType: 'greet' } }]);
    expect(other.failed?.failure.message).toContain('No is not registered');
    const result = { completed: { result: name } };
    const { jobs: _, ...rest } = begins('r1', '');
    const done = await host.activate({ ...rest, jobs: [{ resolveActivity: { seq: 1, result } }] });
    expect(done.successful?.commands).toEqual([{ completeWorkflowExecution: { result: name } }]);
    await host.activate({ ...rest, jobs: [{ removeFromCache: {} }] });
    const gone = await host.activate({ ...rest, jobs: [{ fireTimer: { seq: 1 } }] });
    expect(gone.failed?.failure.message).toContain('not in memory');
    await host.close();
    await expect(host.activate(begins('r4', 'Greets'))).rejects.toMatchObject({ code: 'HANABI-W016' });
  });

  it('are refused when their file has none', async () => {
    const host = await processOf(test.sandbox, 'workers/inverts.py');
    await expect(host.activate(begins('r', 'Greets'))).rejects.toMatchObject({ code: 'HANABI-W013' });
  });

  it('have activities, each attempt a job that leaves what became of it', async () => {
    const { beats, result } = await attempt('greet');
    expect(atob(result.completed!.result.data)).toBe('"Hello, Ada!"');
    expect(beats[0]).toMatchObject([{ data: btoa('"half way"') }]);
  });

  it('have activities that are asked to end, and hear why', async () => {
    const wish = new AbortController();
    const { result } = await attempt('waits', wish.signal, () => wish.abort('worker_shutdown'));
    expect(result.cancelled).toMatchObject({ failure: { canceledFailureInfo: expect.anything() } });
  });

  async function attempt(activityType: string, wish?: AbortSignal, onBeat: () => void = () => {}) {
    opened += 1;
    const spec: JobSpec = {
      id: `activity-${process.pid}-${opened}`,
      activity: true,
      module_dir: import.meta.dirname,
      entry: 'workflow-files/greets.py',
      inputs: [],
      options: {
        token: 't',
        start: { activityType, activityId: '1', attempt: 1, input: activityType === 'greet' ? [name] : [] },
      },
      limits: WORKER_TIERS.small,
      libraries: false,
    };
    const events = test.sandbox.runJob(spec, never, wish);
    const beats: unknown[] = [];
    for (;;) {
      const step = await events.next();
      if (step.done)
        return { beats, result: JSON.parse(await readFile(step.value.outputs[0]!.path, 'utf8')) as Became };
      if (step.value.kind !== 'output') continue;
      beats.push(JSON.parse(step.value.chunk));
      onBeat();
    }
  }
});
