"""What the authors of workflows write, against the commands that come of it."""

import asyncio
import unittest

from workflow_driver import WorkflowCase, signal_job

from hanabi_workflow.converter import from_payload, to_payload
from hanabi_workflow.environments import SandboxedWorkflowRunner, UnsandboxedWorkflowRunner
from hanabi_workflow.instance import InstanceOptions


def failed(seq, **failure):
    return {"resolveActivity": {"seq": seq, "result": {"failed": {"failure": {
        "message": "Activity task failed",
        "activityFailureInfo": {"activityType": {"name": "a"}, "activityId": "1", "retryState": "RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED"},
        "cause": failure,
    }}}}}


class Activities(WorkflowCase):
    STEPS = """
        @activity.defn
        async def greet(name: str) -> str: ...
        @workflow.defn
        class Steps:
            @workflow.run
            async def run(self, name: str) -> list[str]:
                first = await workflow.execute_activity(greet, name, start_to_close_timeout=S * 5, heartbeat_timeout=S,
                    retry_policy=RetryPolicy(maximum_attempts=3, non_retryable_error_types=["ValueError"]), summary="hello")
                both = await asyncio.gather(*[workflow.execute_activity("shout", args=[first, n], schedule_to_close_timeout=S) for n in (1, 2)])
                return [first, *both]
    """

    def test_steps_one_after_another_and_beside_each_other(self):
        run = self.start(self.STEPS, "Bob")
        asked = run.command("scheduleActivity")
        self.assertEqual((asked["activityType"], asked["activityId"], asked["startToCloseTimeout"]), ("greet", "1", {"seconds": 5, "nanos": 0}))
        self.assertEqual(asked["retryPolicy"]["maximumAttempts"], 3)
        self.assertEqual([from_payload(p) for p in asked["arguments"]], ["Bob"])
        self.assertEqual(from_payload(run.commands[0]["userMetadata"]["summary"]), "hello")
        run.activity_done(1, "Hi Bob")
        self.assertEqual([c["scheduleActivity"]["seq"] for c in run.commands], [2, 3])
        run.activity_done(3, "B").activity_done(2, "A")
        self.assertEqual(run.result(), ["Hi Bob", "A", "B"])
        self.assert_replays(run)

    def test_a_failure_reaches_the_workflow_with_its_cause_and_fails_it(self):
        run = self.start(self.STEPS, "Bob")
        run.activate(failed(1, message="no", applicationFailureInfo={"type": "ValueError", "nonRetryable": True}))
        failure = run.command("failWorkflowExecution")["failure"]
        self.assertEqual(failure["activityFailureInfo"]["retryState"], "RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED")
        self.assertEqual(failure["cause"]["applicationFailureInfo"]["type"], "ValueError")

    def test_a_caught_failure_is_an_exception_like_any_other(self):
        code = """
            @workflow.defn
            class Catches:
                @workflow.run
                async def run(self) -> str:
                    try:
                        await workflow.execute_activity("a", start_to_close_timeout=S)
                    except ActivityError as error:
                        return f"{error.cause.type} {error.cause.details} {error.retry_state.name} {error.activity_type}"
        """
        run = self.start(code).activate(
            failed(1, message="no", applicationFailureInfo={"type": "Odd", "details": {"payloads": [to_payload(5)]}})
        )
        self.assertEqual(run.result(), "Odd (5,) MAXIMUM_ATTEMPTS_REACHED a")

    def test_results_have_the_type_of_the_hint(self):
        code = """
            @dataclasses.dataclass
            class Order: id: int; tags: list[str] = dataclasses.field(default_factory=list)
            @activity.defn(name="load")
            def load_order(id: int) -> Order: ...
            @workflow.defn
            class Typed:
                @workflow.run
                async def run(self, given: Order) -> str:
                    loaded = await workflow.execute_activity(load_order, given.id, start_to_close_timeout=S)
                    return f"{type(loaded) is Order} {loaded.id + 1}"
        """
        run = self.start(code, {"id": 4})
        self.assertEqual(run.command("scheduleActivity")["activityType"], "load")
        self.assertEqual(run.activity_done(1, {"id": 5, "tags": ["x"]}).result(), "True 6")

    def test_a_time_out_must_be_given(self):
        code = """
            @workflow.defn
            class Careless:
                @workflow.run
                async def run(self): await workflow.execute_activity("a")
        """
        self.assertIn("start_to_close_timeout", self.start(code).failure["message"])

    def test_a_local_activity_is_tried_again_after_a_timer(self):
        code = """
            @workflow.defn
            class Local:
                @workflow.run
                async def run(self) -> int: return await workflow.execute_local_activity("a", start_to_close_timeout=S)
        """
        run = self.start(code)
        self.assertEqual(run.command("scheduleLocalActivity")["attempt"], 1)
        run.activate({"resolveActivity": {"seq": 1, "result": {"backoff": {"attempt": 3, "backoffDuration": {"seconds": 70}}}}})
        self.assertEqual(run.command("startTimer")["startToFireTimeout"]["seconds"], 70)
        self.assertEqual(run.fire(1).command("scheduleLocalActivity")["attempt"], 3)
        self.assertEqual(run.activity_done(2, 9).result(), 9)


class Cancellation(WorkflowCase):
    WAITS = """
        @workflow.defn
        class Waits:
            @workflow.run
            async def run(self) -> str:
                try:
                    await workflow.execute_activity("a", start_to_close_timeout=S, cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                finally:
                    await workflow.execute_activity("clean up", start_to_close_timeout=S)
    """

    def test_it_is_passed_on_and_finally_may_still_work(self):
        run = self.start(self.WAITS).cancel()
        self.assertEqual(run.commands, [{"requestCancelActivity": {"seq": 1}}])
        run.activate({"resolveActivity": {"seq": 1, "result": {"cancelled": {"failure": {
            "message": "Activity cancelled", "activityFailureInfo": {"activityType": {"name": "a"}},
            "cause": {"message": "Cancelled", "canceledFailureInfo": {}}}}}}})
        self.assertEqual(run.command("scheduleActivity")["activityType"], "clean up")
        self.assertEqual(run.activity_done(2).kinds, ["cancelWorkflowExecution"])
        self.assert_replays(run)

    def test_what_starts_and_is_cancelled_at_once_is_never_asked_for(self):
        code = """
            @workflow.defn
            class Brief:
                @workflow.run
                async def run(self) -> list[str]:
                    timer = asyncio.create_task(workflow.sleep(5))
                    work = workflow.start_activity("a", start_to_close_timeout=S)
                    await asyncio.sleep(0)
                    timer.cancel(); work.cancel()
                    found = await asyncio.gather(timer, work, return_exceptions=True)
                    return [type(each).__name__ for each in found]
        """
        run = self.start(code)
        self.assertEqual(run.kinds, ["completeWorkflowExecution"])
        self.assertEqual(run.result(), ["CancelledError", "ActivityError"])

    def test_it_arrives_even_with_the_start(self):
        code = """
            @workflow.defn
            class Sleeps:
                @workflow.run
                async def run(self) -> str:
                    try: await asyncio.sleep(100)
                    except asyncio.CancelledError: return f"stopped: {workflow.cancellation_reason()}"
        """
        self.assertEqual(self.start(code).cancel().result(), "stopped: enough")

    def test_a_timeout_around_work(self):
        code = """
            @workflow.defn
            class Limited:
                @workflow.run
                async def run(self) -> str:
                    try:
                        async with asyncio.timeout(30): await workflow.wait_condition(lambda: False)
                    except TimeoutError: pass
                    except asyncio.TimeoutError: return "late"
        """
        run = self.start(code)
        self.assertEqual(run.command("startTimer")["startToFireTimeout"]["seconds"], 30)
        self.assertEqual(run.fire(1, seconds=30).result(), "late")


class Time(WorkflowCase):
    def test_clock_and_randomness_come_from_history(self):
        code = """
            @workflow.defn
            class Tells:
                @workflow.run
                async def run(self) -> list:
                    before = workflow.time()
                    await asyncio.sleep(60)
                    return [workflow.time() - before, workflow.now().isoformat(), workflow.random().random(), str(workflow.uuid4()), asyncio.get_running_loop().time()]
        """
        run = self.start(code).fire(1, seconds=60)
        self.assertEqual(run.result()[:2], [60.0, "1970-01-01T00:02:41+00:00"])
        self.assert_replays(run)

    def test_conditions_are_looked_at_after_every_step_and_one_at_a_time(self):
        code = """
            @workflow.defn
            class Queue:
                def __init__(self): self.items = []; self.taken = []
                async def take(self, who):
                    await workflow.wait_condition(lambda: bool(self.items)); self.taken.append((who, self.items.pop(0)))
                @workflow.run
                async def run(self) -> list:
                    await asyncio.gather(self.take("a"), self.take("b")); return self.taken
                @workflow.signal
                def put(self, item: int): self.items.append(item)
        """
        run = self.start(code).signal("put", 1)
        self.assertEqual(run.commands, [])
        self.assertEqual(run.signal("put", 2).result(), [["a", 1], ["b", 2]])

    def test_a_condition_that_is_met_takes_its_timer_back(self):
        code = """
            @workflow.defn
            class Ready:
                ready = False
                @workflow.run
                async def run(self) -> str:
                    await workflow.wait_condition(lambda: self.ready, timeout=timedelta(days=30)); return "ready"
                @workflow.signal
                def go(self): self.ready = True
        """
        run = self.start(code)
        self.assertEqual(run.command("startTimer")["startToFireTimeout"]["seconds"], 30 * 86400)
        self.assertEqual(run.signal("go").kinds, ["cancelTimer", "completeWorkflowExecution"])

    def test_sets_of_tasks_keep_their_order(self):
        code = """
            @workflow.defn
            class Sets:
                @workflow.run
                async def run(self) -> list[str]:
                    tasks = {asyncio.create_task(asyncio.sleep(0), name=f"t{n}") for n in range(20)}
                    done, _ = await asyncio.wait(tasks)
                    return [task.get_name() for task in done]
        """
        self.assertEqual(self.start(code).result(), [f"t{n}" for n in range(20)])


class Handlers(WorkflowCase):
    CODE = """
        @workflow.defn
        class Talks:
            def __init__(self): self.heard = []; self.done = False
            @workflow.run
            async def run(self) -> list[str]:
                await workflow.wait_condition(lambda: self.done and workflow.all_handlers_finished()); return self.heard
            @workflow.signal(name="say")
            async def hear(self, word: str): self.heard.append(word)
            @workflow.signal
            def finish(self): self.done = True
            @workflow.signal(dynamic=True)
            def other(self, name: str, args: Sequence[RawValue]): self.heard.append(f"{name}/{len(args)}")
            @workflow.query
            def words(self, upper: bool) -> list[str]: return [w.upper() if upper else w for w in self.heard]
            @workflow.query
            def cheats(self): workflow.start_activity("a", start_to_close_timeout=S)
            @workflow.update
            async def add(self, word: str) -> int:
                await workflow.sleep(1); self.heard.append(f"{word} {workflow.current_update_info().id}"); return len(self.heard)
            @add.validator
            def check(self, word: str):
                if not word: raise ValueError("empty")
            @workflow.update
            def fails(self): raise ApplicationError("no", type="Odd")
    """

    def test_signals_are_heard_before_the_workflow_takes_its_first_step(self):
        code = """
            @workflow.defn
            class Early:
                word = "nothing"
                @workflow.run
                async def run(self) -> str: return self.word
                @workflow.signal
                def say(self, word: str): self.word = word
        """
        classes = self.classes(code)
        from workflow_driver import WorkflowHost

        completion = WorkflowHost(classes).activate({"runId": "r", "jobs": [
            {"initializeWorkflow": {"workflowType": "Early", "workflowId": "w"}}, signal_job("say", "hello")]})
        done = completion["successful"]["commands"][0]["completeWorkflowExecution"]
        self.assertEqual(from_payload(done["result"]), "hello")

    def test_by_name_and_dynamically(self):
        run = self.start(self.CODE).signal("say", "a").signal("unheard of", 1, 2)
        self.assertEqual(run.signal("finish").result(), ["a", "unheard of/2"])

    def test_a_query_reads_and_can_do_nothing_else(self):
        run = self.start(self.CODE).signal("say", "a")
        self.assertEqual(from_payload(run.query("words", True)["succeeded"]["response"]), ["A"])
        self.assertIn("can only read", run.query("cheats")["failed"]["message"])
        self.assertIn("known queries: [cheats words]", run.query("unknown")["failed"]["message"])
        trace = from_payload(run.query("__stack_trace")["succeeded"]["response"])
        self.assertIn("in run", trace)
        self.assertIn("wait_condition", trace)

    def test_updates_are_accepted_completed_refused_and_hold_the_workflow(self):
        run = self.start(self.CODE).update("add", "x")
        self.assertEqual(run.kinds, ["updateResponse", "startTimer"])
        self.assertEqual(run.command("updateResponse"), {"protocolInstanceId": "u/1", "accepted": {}})
        self.assertEqual(run.signal("finish").commands, [])
        run.fire(1)
        self.assertEqual(run.kinds, ["updateResponse", "completeWorkflowExecution"])
        self.assertEqual(from_payload(run.command("updateResponse")["completed"]), 1)
        self.assertEqual(run.result(), ["x u"])
        self.assert_replays(run)

    def test_a_refused_update_leaves_nothing(self):
        run = self.start(self.CODE).update("add", "")
        self.assertEqual(run.command("updateResponse")["rejected"]["message"], "empty")
        run.update("unknown")
        self.assertIn("known updates: [add fails]", run.command("updateResponse")["rejected"]["message"])
        run.update("fails")
        self.assertEqual([next(k for k in c["updateResponse"] if k != "protocolInstanceId") for c in run.commands], ["accepted", "rejected"])

    def test_signals_wait_for_a_handler_that_is_set_later(self):
        code = """
            @workflow.defn
            class Late:
                @workflow.run
                async def run(self) -> list:
                    await asyncio.sleep(1); heard = []
                    workflow.set_signal_handler("say", heard.append)
                    await workflow.wait_condition(lambda: len(heard) == 2); return heard
        """
        run = self.start(code).signal("say", 1).signal("say", 2).fire(1)
        self.assertEqual(run.result(), [1, 2])

    def test_handlers_left_busy_are_warned_of(self):
        code = """
            @workflow.defn
            class Leaves:
                @workflow.run
                async def run(self): await asyncio.sleep(1)
                @workflow.signal
                async def slow(self): await asyncio.sleep(100)
        """
        run = self.start(code).signal("slow")
        with self.assertWarnsRegex(RuntimeWarning, "slow"):
            run.fire(1)


class Children(WorkflowCase):
    CODE = """
        @workflow.defn
        class Parent:
            @workflow.run
            async def run(self) -> str:
                handle = await workflow.start_child_workflow("Child", 1, id="c1", parent_close_policy=workflow.ParentClosePolicy.ABANDON)
                await handle.signal("go", 2)
                return f"{handle.id} {handle.first_execution_run_id} {await handle}"
    """

    def test_start_signal_and_result(self):
        run = self.start(self.CODE)
        asked = run.command("startChildWorkflowExecution")
        self.assertEqual((asked["workflowId"], asked["parentClosePolicy"]), ("c1", "PARENT_CLOSE_POLICY_ABANDON"))
        run.activate({"resolveChildWorkflowExecutionStart": {"seq": 1, "succeeded": {"runId": "cr"}}})
        self.assertEqual(run.command("signalExternalWorkflowExecution")["childWorkflowId"], "c1")
        run.activate({"resolveSignalExternalWorkflow": {"seq": 1}})
        run.activate({"resolveChildWorkflowExecution": {"seq": 1, "result": {"completed": {"result": to_payload("done")}}}})
        self.assertEqual(run.result(), "c1 cr done")
        self.assert_replays(run)

    def test_failures_of_children(self):
        started = {"resolveChildWorkflowExecutionStart": {"seq": 1, "failed": {"workflowId": "c1", "workflowType": "Child", "cause": 1}}}
        failure = self.start(self.CODE).activate(started).command("failWorkflowExecution")["failure"]
        self.assertIn("already started", failure["message"])

    def test_cancelling_reaches_the_child(self):
        run = self.start(self.CODE).activate({"resolveChildWorkflowExecutionStart": {"seq": 1, "succeeded": {"runId": "cr"}}})
        run.activate({"resolveSignalExternalWorkflow": {"seq": 1}}).cancel()
        self.assertEqual(run.commands, [{"cancelChildWorkflowExecution": {"childWorkflowSeq": 1}}])

    def test_other_workflows(self):
        code = """
            @workflow.defn
            class Calls:
                @workflow.run
                async def run(self) -> str:
                    other = workflow.get_external_workflow_handle("o1")
                    try: await other.signal("go")
                    except ApplicationError as error: await other.cancel(); return str(error.message)
        """
        run = self.start(code).activate({"resolveSignalExternalWorkflow": {"seq": 1, "failure": {"message": "gone", "applicationFailureInfo": {}}}})
        self.assertEqual(run.command("requestCancelExternalWorkflowExecution")["workflowExecution"]["workflowId"], "o1")
        self.assertEqual(run.activate({"resolveRequestCancelExternalWorkflow": {"seq": 1}}).result(), "gone")


class Endings(WorkflowCase):
    def test_an_exception_that_is_no_failure_fails_the_task_only(self):
        code = """
            class Mine(Exception): ...
            @workflow.defn
            class Breaks:
                @workflow.run
                async def run(self, kind: str):
                    if kind == "mine": raise Mine("mine")
                    if kind == "application": raise ApplicationError("told", "d", type="T", non_retryable=True)
                    raise KeyError("bug")
        """
        run = self.start(code, "bug")
        self.assertEqual(run.failure["applicationFailureInfo"]["type"], "KeyError")
        self.assertIn("in run", run.failure["stackTrace"])
        told = self.start(code, "application").command("failWorkflowExecution")["failure"]
        self.assertEqual((told["message"], told["applicationFailureInfo"]["nonRetryable"]), ("told", True))
        self.assertIsNotNone(self.start(code, "mine").failure)
        everything = InstanceOptions(failure_exception_types=(Exception,))
        self.assertEqual(self.start(code, "mine", options=everything).kinds, ["failWorkflowExecution"])

    def test_restricted_code_fails_the_task_unless_it_is_opted_out(self):
        code = """
            import time
            @workflow.defn{options}
            class Looks:
                @workflow.run
                async def run(self) -> bool:
                    {body}
        """
        bare = "return time.time() > 10**9"
        refused = self.start(code.format(options="", body=bare))
        self.assertIn("Cannot access time.time", refused.failure["message"])
        self.assertTrue(self.start(code.format(options="(sandboxed=False)", body=bare)).result())
        self.assertTrue(self.start(code.format(options="", body=bare), runner=UnsandboxedWorkflowRunner()).result())
        block = "with workflow.unsafe.sandbox_unrestricted(): return time.time() > 10**9"
        self.assertTrue(self.start(code.format(options="", body=block)).result())

    def test_what_the_loop_calls_for_a_workflow_is_restricted_as_well(self):
        code = """
            import os, time
            @workflow.defn
            class Schedules:
                @workflow.run
                async def run(self, what: str) -> list:
                    seen = []
                    loop = asyncio.get_running_loop()
                    loop.call_soon(os.listdir if what == "files" else lambda: seen.append(loop.time()), *(["/proc"] if what == "files" else []))
                    await asyncio.sleep(0)
                    return seen
        """
        self.assertIn("Cannot access os.listdir (through asyncio.events", self.start(code, "files").failure["message"])
        self.assertEqual(self.start(code, "time").result(), [101.0])
        threads = """
            @workflow.defn
            class Threads:
                @workflow.run
                async def run(self): await asyncio.to_thread(print)
        """
        self.assertIn("Cannot access asyncio.to_thread", self.start(threads).failure["message"])

    def test_continue_as_new(self):
        code = """
            @workflow.defn
            class Again:
                @workflow.run
                async def run(self, n: int):
                    workflow.upsert_memo({"n": n}); workflow.continue_as_new(n + 1, run_timeout=S)
        """
        run = self.start(code, 1)
        self.assertEqual(run.kinds, ["modifyWorkflowProperties", "continueAsNewWorkflowExecution"])
        again = run.command("continueAsNewWorkflowExecution")
        self.assertEqual((again["workflowType"], from_payload(again["arguments"][0])), ("Again", 2))

    def test_patches(self):
        code = """
            @workflow.defn
            class Patched:
                @workflow.run
                async def run(self) -> str:
                    way = "new" if workflow.patched("p") else "old"
                    await asyncio.sleep(1)
                    return f"{way} {'new' if workflow.patched('p') else 'old'}"
        """
        run = self.start(code)
        self.assertEqual(run.command("setPatchMarker"), {"patchId": "p", "deprecated": False})
        self.assertEqual(run.fire(1).result(), "new new")
        from workflow_driver import WorkflowHost

        for known, expected in (([], "old old"), ([{"notifyHasPatch": {"patchId": "p"}}], "new new")):
            host = WorkflowHost(self.workflow_classes)
            host.activate({"runId": "r", "isReplaying": True, "jobs": [{"initializeWorkflow": {"workflowType": "Patched"}}, *known]})
            done = host.activate({"runId": "r", "jobs": [{"fireTimer": {"seq": 1}}]})["successful"]["commands"][-1]
            self.assertEqual(from_payload(done["completeWorkflowExecution"]["result"]), expected)

    def test_what_does_not_yield_is_ended(self):
        code = """
            @workflow.defn
            class Spins:
                @workflow.run
                async def run(self):
                    while True: pass
        """
        run = self.start(code, options=InstanceOptions(deadlock_timeout_s=0.2))
        self.assertIn("did not yield within 0.2 seconds", run.failure["message"])

    def test_leaving_the_cache_runs_no_more_of_it(self):
        code = """
            @workflow.defn
            class Cleans:
                @workflow.run
                async def run(self):
                    try: await asyncio.sleep(100)
                    finally: workflow.start_activity("a", start_to_close_timeout=S)
        """
        run = self.start(code)
        run.activate({"removeFromCache": {}})
        self.assertEqual((run.commands, run.failure), ([], None))
        self.assertEqual(run.host.cached_runs, [])
        self.assertIn("not in memory", run.fire(1).failure["message"])

    def test_runs_of_one_process_do_not_see_each_other(self):
        code = """
            SEEN = []
            @workflow.defn
            class Shares:
                @workflow.run
                async def run(self, n: int) -> list[int]:
                    SEEN.append(n); await asyncio.sleep(1); return SEEN
        """
        first = self.start(code, 1)
        second = type(first)(first.host, "run-b", "Shares", 2)
        self.assertEqual(first.fire(1).result(), [1])
        self.assertEqual(second.fire(1).result(), [2])


class Definitions(WorkflowCase):
    def test_what_is_wrong_with_a_class_is_said_when_it_is_defined(self):
        for body, words in (
            ("class A: ...", "@workflow.run is missing"),
            ("class A:\n    @workflow.run\n    async def a(self): ...\n    @workflow.run\n    async def b(self): ...", "Multiple @workflow.run"),
            ("class A:\n    @workflow.run\n    async def a(self): ...\n    @workflow.signal(name='s')\n    def x(self): ...\n    @workflow.signal(name='s')\n    def y(self): ...", "Multiple handlers"),
            ("class A:\n    @workflow.run\n    def a(self): ...", "must be an async function"),
        ):
            with self.subTest(words), self.assertRaisesRegex(ValueError, words):
                self.classes(f"@workflow.defn\n{body}")

    def test_names_inheritance_init_and_dynamic_workflows(self):
        code = """
            class Base:
                @workflow.signal
                def base_signal(self): self.told = True
            @workflow.defn(name="other name")
            class Named(Base):
                @workflow.init
                def __init__(self, n: int): self.n = n; self.told = False
                @workflow.run
                async def run(self, n: int) -> list:
                    await workflow.wait_condition(lambda: self.told)
                    return [self.n, workflow.info().workflow_type, workflow.info().workflow_id, workflow.instance() is self]
        """
        run = self.start(code, 3).signal("base_signal")
        self.assertEqual(run.result(), [3, "other name", "w1", True])
        dynamic = """
            @workflow.defn(dynamic=True)
            class Any_:
                @workflow.run
                async def run(self, args: Sequence[RawValue]) -> str: return workflow.info().workflow_type
        """
        self.assertEqual(self.start(dynamic).result(), "any")

    def test_memo_and_search_attributes(self):
        code = """
            from temporalio.common import SearchAttributeKey
            KEY = SearchAttributeKey.for_keyword("Kind")
            @workflow.defn
            class Marks:
                @workflow.run
                async def run(self) -> list:
                    workflow.upsert_search_attributes([KEY.value_set("big")]); workflow.upsert_memo({"a": 2})
                    return [workflow.memo_value("m"), workflow.memo_value("a"), workflow.info().typed_search_attributes[KEY]]
        """
        run = self.start(code, memo={"fields": {"m": to_payload(1)}})
        self.assertEqual(run.result(), [1, 2, "big"])
        fields = run.command("upsertWorkflowSearchAttributes")["searchAttributes"]["indexedFields"]
        self.assertEqual(fields["Kind"]["metadata"]["type"], "S2V5d29yZA==")


class OutsideOfWorkflows(unittest.TestCase):
    def test_the_api_says_that_it_is_used_in_the_wrong_place(self):
        from hanabi_workflow import workflow

        self.assertFalse(workflow.in_workflow())
        with self.assertRaisesRegex(Exception, "Not in workflow event loop"):
            asyncio.run(workflow.sleep(1))
        self.assertIsNotNone(SandboxedWorkflowRunner().restrictions)


if __name__ == "__main__":
    unittest.main()
