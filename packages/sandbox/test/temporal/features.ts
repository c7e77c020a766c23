/** One workflow for each thing that leaves its own kind of trace in a history. */
import type { LocalEngine } from '../../src/workflows/local-engine.ts';
import type { LocalRun } from '../../src/workflows/local-run.ts';
import { payload } from '../workflow-worker.ts';

interface Feature {
  /** Of the workflow in `code` with the same name. */
  readonly name: string;
  readonly code: string;
  /** What happens to it from outside. */
  readonly drive?: (run: LocalRun, engine: LocalEngine) => Promise<unknown> | void;
  /** Kinds of events that its histories must have, or it proves nothing. */
  readonly leaves: readonly string[];
}

const ACTIVITIES = `
SOON = RetryPolicy(initial_interval=timedelta(milliseconds=1), maximum_attempts=3)
ONCE = RetryPolicy(maximum_attempts=1)

@activity.defn
async def flaky() -> int:
    if activity.info().attempt < 3: raise ApplicationError("not yet")
    return activity.info().attempt

@activity.defn
async def echo(value: str) -> str: return value

@activity.defn
async def hopeless(): raise ApplicationError("never", {"a": 1}, type="Never", non_retryable=True)

@activity.defn
async def endless():
    while True:
        activity.heartbeat("still here")
        await asyncio.sleep(0.005)
`;

const workflow = (name: string, body: string, more = '') => `${ACTIVITIES}
@workflow.defn
class ${name}:
    @workflow.run
    async def run(self):
${body.trim().replaceAll(/^/gm, '        ')}
${more}`;

export const FEATURES: readonly Feature[] = [
  {
    name: 'Activities',
    code: workflow(
      'Activities',
      `
got = [await workflow.execute_activity(flaky, start_to_close_timeout=30 * SECONDS, retry_policy=SOON, summary="tries")]
both = [workflow.start_activity(echo, each, schedule_to_close_timeout=30 * SECONDS, activity_id=f"echo {each}") for each in "ab"]
got += await asyncio.gather(*both)
for each, limit in ((hopeless, 30 * SECONDS), (endless, timedelta(milliseconds=30))):
    try: await workflow.execute_activity(each, start_to_close_timeout=limit, retry_policy=ONCE)
    except ActivityError as error: got.append([type(error.cause).__name__, error.retry_state.name])
return got
`,
    ),
    leaves: ['ACTIVITY_TASK_COMPLETED', 'ACTIVITY_TASK_FAILED', 'ACTIVITY_TASK_TIMED_OUT'],
  },
  {
    name: 'ActivityCancellation',
    code: workflow(
      'ActivityCancellation',
      `
got = []
for kind in workflow.ActivityCancellationType:
    task = workflow.start_activity(endless, start_to_close_timeout=30 * SECONDS, cancellation_type=kind)
    await asyncio.sleep(0.02)
    task.cancel()
    try: await task
    except ActivityError as error: got.append(type(error.cause).__name__)
    await asyncio.sleep(0.02)
never = workflow.start_activity(echo, "never", start_to_close_timeout=30 * SECONDS)
never.cancel()
try: await never
except asyncio.CancelledError: got.append("never")
return got
`,
    ),
    leaves: ['ACTIVITY_TASK_CANCEL_REQUESTED', 'ACTIVITY_TASK_CANCELED'],
  },
  {
    name: 'Timers',
    code: workflow(
      'Timers',
      `
late = asyncio.create_task(asyncio.sleep(1000))
done, _ = await asyncio.wait([late, asyncio.create_task(workflow.sleep(0.01, summary="short"))], return_when=asyncio.FIRST_COMPLETED)
late.cancel()
try: await workflow.wait_condition(lambda: False, timeout=0.01)
except asyncio.TimeoutError: pass
return len(done)
`,
    ),
    leaves: ['TIMER_FIRED', 'TIMER_CANCELED'],
  },
  {
    name: 'Messages',
    code: `${ACTIVITIES}
@workflow.defn
class Messages:
    def __init__(self): self.heard = []
    @workflow.run
    async def run(self) -> list:
        await workflow.wait_condition(lambda: "end" in self.heard and workflow.all_handlers_finished())
        return self.heard
    @workflow.signal
    async def say(self, word: str):
        self.heard.append(await workflow.execute_activity(echo, word, start_to_close_timeout=30 * SECONDS))
    @workflow.signal(dynamic=True)
    def anything(self, name: str, args): self.heard.append(name)
    @workflow.update
    async def add(self, word: str) -> int:
        workflow.upsert_memo({"last": word})
        self.heard.append(word)
        return len(self.heard)
    @workflow.update
    async def slow(self, word: str) -> int:
        await asyncio.sleep(0.01)
        self.heard.append(word)
        if word == "bad": raise ApplicationError("bad word")
        return len(self.heard)
    @slow.validator
    def check(self, word: str):
        if not word: raise ValueError("empty")
    @workflow.query
    def words(self) -> int: return len(self.heard)
`,
    async drive(run) {
      run.signal('say', [payload('hello')]);
      run.signal('unheard of', []);
      await run.update('u1', 'add', [payload('a')]);
      await Promise.all([
        run.update('u2', 'slow', [payload('b')]),
        run.update('u3', 'slow', [payload('')]),
        run.update('u4', 'slow', [payload('bad')]),
      ]);
      await Promise.all(['u1', 'u2', 'u3', 'u4'].map((id) => run.outcomeOf(id)));
      await run.query('words', []);
      run.signal('end', []);
    },
    leaves: [
      'WORKFLOW_EXECUTION_SIGNALED',
      'WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
      'WORKFLOW_EXECUTION_UPDATE_COMPLETED',
      'WORKFLOW_PROPERTIES_MODIFIED',
    ],
  },
  {
    name: 'Children',
    code: `${ACTIVITIES}
@workflow.defn
class Child:
    @workflow.run
    async def run(self, how: str) -> str:
        if how == "fails": raise ApplicationError("the child failed")
        if how == "waits": await workflow.wait_condition(lambda: False)
        return how
    @workflow.signal
    def say(self, word: str): pass

${workflow(
  'Children',
  `
got = [await workflow.execute_child_workflow(Child.run, "ends", memo={"of": "a child"}, retry_policy=ONCE)]
try: await workflow.execute_child_workflow(Child.run, "fails", id="fails")
except Exception as error: got.append(type(error).__name__)
waiting = await workflow.start_child_workflow(Child.run, "waits", id="waits")
await waiting.signal(Child.say, "hello")
try: await workflow.start_child_workflow(Child.run, "waits", id="waits")
except Exception as error: got.append(type(error).__name__)
for kind in workflow.ChildWorkflowCancellationType:
    child = await workflow.start_child_workflow(Child.run, "waits", id=f"waits {kind.name}", cancellation_type=kind)
    child.cancel()
    try: await child
    except Exception as error: got.append(f"{kind.name} {type(error).__name__}")
other = workflow.get_external_workflow_handle("waits")
await other.signal("say", "hello")
await other.cancel()
try: await waiting
except Exception as error: got.append(type(error).__name__)
for act in (lambda: workflow.get_external_workflow_handle("nobody").signal("say", "x"), lambda: workflow.get_external_workflow_handle("nobody").cancel()):
    try: await act()
    except Exception as error: got.append(type(error).__name__)
return got
`,
).replace(ACTIVITIES, '')}`,
    leaves: [
      'CHILD_WORKFLOW_EXECUTION_COMPLETED',
      'CHILD_WORKFLOW_EXECUTION_FAILED',
      'CHILD_WORKFLOW_EXECUTION_CANCELED',
      'START_CHILD_WORKFLOW_EXECUTION_FAILED',
      'EXTERNAL_WORKFLOW_EXECUTION_SIGNALED',
      'EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED',
      'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED',
      'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED',
    ],
  },
  {
    name: 'GoesOn',
    code: workflow(
      'GoesOn',
      `
if workflow.info().continued_run_id is None:
    await asyncio.sleep(0.01)
    workflow.continue_as_new(memo={"of": "before"})
return str(workflow.memo())
`,
    ),
    leaves: ['WORKFLOW_EXECUTION_CONTINUED_AS_NEW'],
  },
  {
    name: 'Cancelled',
    code: workflow(
      'Cancelled',
      `
try: await workflow.execute_activity(endless, start_to_close_timeout=30 * SECONDS, cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
finally: await workflow.execute_activity(echo, "tidy up", start_to_close_timeout=30 * SECONDS)
`,
    ),
    drive: (run) => run.cancel('a test'),
    leaves: ['WORKFLOW_EXECUTION_CANCEL_REQUESTED', 'WORKFLOW_EXECUTION_CANCELED'],
  },
  {
    name: 'Patches',
    code: workflow(
      'Patches',
      `
got = [workflow.patched("first")]
await asyncio.sleep(0.01)
workflow.deprecate_patch("second")
if workflow.patched("first") and workflow.patched("third"):
    await workflow.execute_activity(echo, "after", start_to_close_timeout=30 * SECONDS)
return got
`,
    ),
    leaves: ['MARKER_RECORDED'],
  },
  {
    name: 'LocalActivities',
    code: workflow(
      'LocalActivities',
      `
got = [await workflow.execute_local_activity(flaky, start_to_close_timeout=30 * SECONDS, retry_policy=SOON)]
await asyncio.sleep(0.01)
timer = asyncio.create_task(asyncio.sleep(0.02))
both = [workflow.start_local_activity(echo, each, start_to_close_timeout=30 * SECONDS) for each in "ab"]
got += await asyncio.gather(*both)
await timer
try: await workflow.execute_local_activity(hopeless, start_to_close_timeout=30 * SECONDS, retry_policy=ONCE)
except ActivityError as error: got.append(type(error.cause).__name__)
got.append(await workflow.execute_activity(echo, "remote", start_to_close_timeout=30 * SECONDS))
return got
`,
    ),
    leaves: ['ACTIVITY_TASK_COMPLETED', 'ACTIVITY_TASK_FAILED'],
  },
  {
    name: 'Attributes',
    code: workflow(
      'Attributes',
      `
from temporalio.common import SearchAttributeKey
workflow.upsert_search_attributes([SearchAttributeKey.for_keyword("Customer").value_set("Bob")])
await asyncio.sleep(0.01)
workflow.upsert_memo({"note": {"a": [1, None]}})
return workflow.memo_value("note")
`,
    ),
    leaves: ['UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', 'WORKFLOW_PROPERTIES_MODIFIED'],
  },
  {
    name: 'Chance',
    code: workflow(
      'Chance',
      `
for _ in range(workflow.random().randint(1, 4)):
    await workflow.execute_activity(echo, str(workflow.uuid4()), activity_id=str(workflow.random().random()), start_to_close_timeout=30 * SECONDS)
return workflow.now().isoformat()
`,
    ),
    leaves: ['ACTIVITY_TASK_COMPLETED'],
  },
  {
    name: 'Fails',
    code: workflow(
      'Fails',
      `
try: await workflow.execute_activity(hopeless, start_to_close_timeout=30 * SECONDS)
except ActivityError as error: raise ApplicationError("gave up", type="GaveUp") from error
`,
    ),
    leaves: ['WORKFLOW_EXECUTION_FAILED'],
  },
  {
    name: 'TriesAgain',
    code: workflow(
      'TriesAgain',
      `
await asyncio.sleep(0.01)
with workflow.unsafe.sandbox_unrestricted():
    if not os.path.exists(__file__ + ".tried"):
        open(__file__ + ".tried", "w").close()
        raise ValueError("the first time")
await asyncio.sleep(0.01)
`,
    ),
    leaves: ['WORKFLOW_TASK_FAILED'],
  },
  {
    name: 'Terminated',
    code: workflow('Terminated', 'await asyncio.sleep(1000)'),
    async drive(run) {
      await run.query('__stack_trace', []);
      run.terminate('a test');
    },
    leaves: ['WORKFLOW_EXECUTION_TERMINATED'],
  },
];
