/** Workflows of real Python processes, on the engine in memory. */
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replay } from '../src/workflows/replay.ts';
import type { Activation, Payload } from '../src/workflows/wire.ts';
import { folder, newEngine, payload, start, startWorker, valueOf } from './workflow-worker.ts';

const LEDGER = join(folder, 'ledger');
const entries = () => readFileSync(LEDGER, 'utf8').trim().split('\n');

const TEN_STEPS = `
@activity.defn
async def step(n: int) -> int:
    with open(os.environ["LEDGER"], "a") as ledger: ledger.write(f"{n}\\n")
    return n

@workflow.defn
class TenSteps:
    @workflow.run
    async def run(self) -> str:
        total = 0
        for n in range(10):
            total += await workflow.execute_activity(step, n, start_to_close_timeout=SECONDS * 30)
            await asyncio.sleep(0.001)
        return f"{total} {workflow.random().randint(0, 10**9)}"
`;

describe('a workflow of ten steps', () => {
  it('comes to the same when its process is killed at every step, and no activity runs twice', async () => {
    const { engine } = newEngine();
    let worker = startWorker(engine, TEN_STEPS, { LEDGER });
    const undisturbed = await start(engine, 'TenSteps').closed;
    expect(String(valueOf(undisturbed.result))).toMatch(/^45 \d+$/);
    rmSync(LEDGER);

    const run = start(engine, 'TenSteps');
    let steps = 0;
    // After each event of history the process that held the run is gone, and another begins with nothing.
    const disturbed = new Set<number>();
    engine.observe((each, event) => {
      if (each !== run || event.eventType !== 'ACTIVITY_TASK_COMPLETED' || disturbed.has(event.eventId)) return;
      disturbed.add(event.eventId);
      steps += 1;
      engine.removeWorker('q');
      worker.kill('SIGKILL');
      worker = startWorker(engine, TEN_STEPS, { LEDGER });
    });
    const end = await run.closed;
    expect(end.status).toBe('COMPLETED');
    expect(String(valueOf(end.result))).toMatch(/^45 \d+$/);
    expect(steps).toBe(10);
    expect(entries()).toEqual([...Array(10).keys()].map(String));
  });

  it('can be played again from its history, and says where other code parts from it', async () => {
    const { engine } = newEngine();
    startWorker(engine, TEN_STEPS, { LEDGER });
    const run = start(engine, 'TenSteps');
    await run.closed;
    const worker = await engine.workerOf('q');
    const activate = (activation: Activation) => {
      if (!('removeFromCache' in (activation.jobs[0] ?? {}))) expect(activation.isReplaying).toBe(true);
      return worker.activate(activation);
    };
    await replay(run.history, activate);
    const broken = run.history.map((event) =>
      event.eventType === 'ACTIVITY_TASK_SCHEDULED' && event.eventId > 20
        ? { ...event, attributes: { ...event.attributes, activityType: { name: 'another' } } }
        : event,
    );
    await expect(replay(broken, activate)).rejects.toThrow(
      /history has ACTIVITY_TASK_SCHEDULED another \(event \d+\), but the workflow did ACTIVITY_TASK_SCHEDULED step/,
    );
  });
});

const breaks = (line: string) => `
@workflow.defn
class Breaks:
    @workflow.run
    async def run(self) -> str:
        await asyncio.sleep(0.001)
        ${line}
        return "mended"
`;

describe('workflows', () => {
  it('try activities again, take what they cannot mend, and time them out', async () => {
    const { engine } = newEngine();
    startWorker(
      engine,
      `
@activity.defn
async def flaky() -> int:
    if activity.info().attempt < 3: raise ApplicationError("not yet")
    return activity.info().attempt

@activity.defn
async def hopeless(): raise ApplicationError("never", type="Never", non_retryable=True)

@activity.defn
async def endless():
    activity.heartbeat("begun")
    await asyncio.sleep(1000)

@workflow.defn
class Retries:
    @workflow.run
    async def run(self) -> list:
        fast = RetryPolicy(initial_interval=timedelta(milliseconds=1))
        got = [await workflow.execute_activity(flaky, start_to_close_timeout=SECONDS * 30, retry_policy=fast)]
        got.append(await workflow.execute_local_activity(flaky, start_to_close_timeout=SECONDS * 30, retry_policy=fast))
        for each, limit in ((hopeless, SECONDS * 30), (endless, timedelta(milliseconds=50))):
            try: await workflow.execute_activity(each, start_to_close_timeout=limit, retry_policy=RetryPolicy(maximum_attempts=1))
            except ActivityError as error: got.append([type(error.cause).__name__, error.retry_state.name])
        try: await workflow.execute_activity(flaky, task_queue="nobody's", schedule_to_start_timeout=timedelta(milliseconds=50), start_to_close_timeout=SECONDS * 30)
        except ActivityError as error: got.append([error.cause.type.name, error.retry_state.name])
        return got
`,
    );
    const end = await start(engine, 'Retries').closed;
    expect(valueOf(end.result)).toEqual([
      3,
      3,
      ['ApplicationError', 'NON_RETRYABLE_FAILURE'],
      ['TimeoutError', 'MAXIMUM_ATTEMPTS_REACHED'],
      ['SCHEDULE_TO_START', 'NON_RETRYABLE_FAILURE'],
    ]);
  });

  it('hear each signal and update once, answer queries after their end, and are listed', async () => {
    const { engine } = newEngine();
    startWorker(
      engine,
      `
@workflow.defn
class Talks:
    def __init__(self): self.heard = []
    @workflow.run
    async def run(self) -> list:
        await workflow.wait_condition(lambda: len(self.heard) == 3)
        return self.heard
    @workflow.signal
    def say(self, word: str): self.heard.append(word)
    @workflow.update
    async def add(self, word: str) -> int:
        await asyncio.sleep(0.001)
        self.heard.append(word)
        return len(self.heard)
    @add.validator
    def check(self, word: str):
        if not word: raise ValueError("empty")
    @workflow.query
    def words(self) -> int: return len(self.heard)
`,
    );
    const run = start(engine, 'Talks');
    run.signal('say', [payload('a')]);
    await run.update('u1', 'add', [payload('b')]);
    await run.update('u1', 'add', [payload('b')]);
    expect(valueOf((await run.outcomeOf('u1'))['completed'] as Payload)).toBe(2);
    await run.update('u2', 'add', [payload('')]);
    expect((await run.outcomeOf('u2'))['failure']).toMatchObject({ message: 'empty' });
    run.signal('say', [payload('c')]);
    expect(valueOf((await run.closed).result)).toEqual(['a', 'b', 'c']);
    expect(valueOf((await run.query('words', []))['response'] as Payload)).toBe(3);
    expect(run.describe()).toMatchObject({ status: 'COMPLETED', workflowId: 'Talks' });
    await expect(run.query('unknown', [])).rejects.toThrow(/known queries: \[words\]/);
    expect(() => run.signal('say', [])).toThrow(/has already ended/);
  });

  it('keep what a broken task had, until the code is mended', async () => {
    const { engine, failed } = newEngine();
    const broken = startWorker(engine, breaks('import time; time.time()'));
    const run = start(engine, 'Breaks');
    expect(await failed).toMatch(/Cannot access time.time from inside a workflow/);
    expect(run.status).toBe('RUNNING');
    engine.removeWorker('q');
    broken.kill('SIGKILL');
    await once(broken, 'exit');
    startWorker(engine, breaks('pass'));
    expect(valueOf((await run.closed).result)).toBe('mended');
  });

  it('are tried again as a whole, and start later or with a signal', async () => {
    const { engine } = newEngine();
    startWorker(
      engine,
      `
@workflow.defn
class Whole:
    word = "nothing"
    @workflow.run
    async def run(self) -> str:
        if workflow.info().attempt < 3: raise ApplicationError(f"attempt {workflow.info().attempt}")
        return f"{workflow.info().attempt} {self.word}"
    @workflow.signal
    def say(self, word: str): self.word = word
`,
    );
    const request = { workflowType: 'Whole', taskQueue: 'q', input: [] };
    const soon = { initialInterval: { nanos: 1e6 } };
    const first = engine.start({ ...request, workflowId: 'again', options: { retryPolicy: soon } });
    expect(await first.closed).toMatchObject({ status: 'FAILED', failure: { message: 'attempt 1' } });
    expect(valueOf((await first.endOfChain()).result)).toBe('3 nothing');
    const finite = { ...soon, maximumAttempts: 2 };
    const second = engine.start({ ...request, workflowId: 'twice', options: { retryPolicy: finite } });
    expect(await second.endOfChain()).toMatchObject({ status: 'FAILED', failure: { message: 'attempt 2' } });
    const delayed = engine.start({ ...request, workflowId: 'delayed', delay_ms: 3_600_000, options: { attempt: 3 } });
    expect(delayed.history).toHaveLength(1);
    delayed.signal('say', [payload('hello')]);
    expect(valueOf((await delayed.closed).result)).toBe('3 hello');
    const short = engine.start({ ...request, workflowId: 'short', delay_ms: 1, options: { attempt: 3 } });
    expect(valueOf((await short.closed).result)).toBe('3 nothing');
  });

  it('end with their parents as the policy says, and go on as new ones', async () => {
    const { engine } = newEngine();
    startWorker(
      engine,
      `
@workflow.defn
class Sleeper:
    @workflow.run
    async def run(self): await asyncio.sleep(1000)

@workflow.defn
class Parent:
    @workflow.run
    async def run(self, left: int) -> str:
        if left: workflow.continue_as_new(left - 1)
        for name in ("TERMINATE", "REQUEST_CANCEL", "ABANDON"):
            await workflow.start_child_workflow(Sleeper.run, id=name, parent_close_policy=workflow.ParentClosePolicy[name])
        return "done"
`,
    );
    const end = await start(engine, 'Parent', 3).endOfChain();
    expect(valueOf(end.result)).toBe('done');
    expect((await engine.find('TERMINATE').closed).status).toBe('TERMINATED');
    expect((await engine.find('REQUEST_CANCEL').closed).status).toBe('CANCELED');
    expect(engine.find('ABANDON').status).toBe('RUNNING');
    expect(engine.list().filter(({ workflowId }) => workflowId === 'Parent')).toHaveLength(4);
    expect(() => engine.start({ workflowId: 'ABANDON', workflowType: 'Sleeper', taskQueue: 'q', input: [] })).toThrow(
      /is there already/,
    );
  });
});
