/** The oracle: histories of ours, played again by Temporal's own state machines, with our Python as the code. */
import { describe, expect, it } from 'vitest';
import type { LocalEngine } from '../../src/workflows/local-engine.ts';
import type { LocalRun } from '../../src/workflows/local-run.ts';
import { bridgeFolder, loadBridge } from '../../src/workflows/temporal/bridge.ts';
import { replayWithTemporal } from '../../src/workflows/temporal/replay-history.ts';
import type { HistoryEvent } from '../../src/workflows/wire.ts';
import { newEngine, start, startWorker } from '../workflow-worker.ts';
import { FEATURES } from './features.ts';

const bridge = loadBridge(bridgeFolder(process.env));

async function played(name: string): Promise<{ engine: LocalEngine; run: LocalRun }> {
  const feature = FEATURES.find((each) => each.name === name);
  if (!feature) throw new Error(`there is no feature ${name}`);
  const { engine } = newEngine();
  startWorker(engine, feature.code);
  const run = start(engine, name);
  await feature.drive?.(run, engine);
  await run.endOfChain();
  return { engine, run };
}

async function replay(engine: LocalEngine, history: readonly HistoryEvent[]): Promise<void> {
  const worker = await engine.workerOf('q');
  await replayWithTemporal(bridge, history, (activation) => worker.activate(activation));
}

describe('Temporal finds our histories deterministic:', () => {
  it.each(FEATURES.map(({ name, leaves }) => [name, leaves] as const))('%s', async (name, leaves) => {
    const { engine } = await played(name);
    const runs = engine.list();
    const kinds = new Set(runs.flatMap(({ history }) => history.map(({ eventType }) => eventType)));
    expect([...kinds]).toEqual(expect.arrayContaining([...leaves]));
    for (const { history } of runs) await replay(engine, history);
  });
});

/** A history of a feature in which one event is not what it was. */
async function broken(name: string, change: (event: HistoryEvent) => HistoryEvent): Promise<Promise<void>> {
  const { engine, run } = await played(name);
  const history = run.history.map(change);
  expect(history).not.toEqual(run.history);
  return replay(engine, history);
}

const changed = (event: HistoryEvent, attributes: HistoryEvent['attributes']): HistoryEvent => ({
  ...event,
  attributes: { ...event.attributes, ...attributes },
});

describe('Temporal finds what is wrong with a history', () => {
  it('whose activity is another', async () => {
    const done = broken('Chance', (event) =>
      event.eventType === 'ACTIVITY_TASK_SCHEDULED' ? changed(event, { activityType: { name: 'other' } }) : event,
    );
    await expect(done).rejects.toThrow(
      "Activity type of scheduled event 'other' does not match activity type of activity command 'echo'",
    );
  });

  it('whose child has another name', async () => {
    const done = broken('Children', (event) =>
      event.attributes['workflowId'] === 'fails' ? changed(event, { workflowId: 'prospers' }) : event,
    );
    await expect(done).rejects.toThrow(/Child workflow id .*'prospers' .*'fails'/);
  });

  it('that waited where the code acts', async () => {
    const done = broken('Fails', (event) =>
      event.eventType === 'ACTIVITY_TASK_SCHEDULED'
        ? { ...event, eventType: 'TIMER_STARTED', attributes: { timerId: '1', startToFireTimeout: { seconds: 1 } } }
        : event,
    );
    await expect(done).rejects.toThrow(/Nondeterminism error: .*TimerStarted/);
  });

  it('that went on where the code ends', async () => {
    const done = broken('Timers', (event) =>
      event.eventType === 'WORKFLOW_EXECUTION_COMPLETED'
        ? { ...event, eventType: 'TIMER_STARTED', attributes: { timerId: '9', startToFireTimeout: { seconds: 1 } } }
        : event,
    );
    await expect(done).rejects.toThrow(/Nondeterminism error/);
  });

  it('that never heard of the patch it went by', async () => {
    const { engine, run } = await played('Patches');
    const without = run.history.filter(({ attributes }) => attributes['patchId'] !== 'third');
    await expect(replay(engine, without)).rejects.toThrow(/Nondeterminism error/);
  });

  it('that was tried again with code that fails', async () => {
    const { engine, run } = await played('Fails');
    engine.removeWorker('q');
    startWorker(engine, FAILS_OTHERWISE);
    await expect(replay(engine, run.history)).rejects.toThrow('broken code');
  });
});

const FAILS_OTHERWISE = `
@workflow.defn
class Fails:
    @workflow.run
    async def run(self): raise ValueError("broken code")
`;
