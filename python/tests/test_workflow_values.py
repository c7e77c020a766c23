"""Values and failures on their way over the wire, and activities as they are run."""

import asyncio
import dataclasses
import enum
import time
import typing
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import tests_path  # noqa: F401

from hanabi_workflow import activity, exceptions
from hanabi_workflow.activity_runner import ActivityRunner
from hanabi_workflow.common import RawValue, RetryPolicy
from hanabi_workflow.converter import from_payload, from_payloads, to_payload
from hanabi_workflow.failures import from_failure, to_failure
from hanabi_workflow.outbound import retry_policy_to_wire
from hanabi_workflow.wire_values import duration_from_wire, duration_to_wire, timestamp_from_wire


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 2


class Named(typing.NamedTuple):
    a: int
    b: str = "x"


class Shape(typing.TypedDict):
    sides: list[int]


@dataclasses.dataclass
class Inner:
    at: datetime
    color: Color = Color.RED


@dataclasses.dataclass
class Outer:
    id: uuid.UUID
    inner: Inner
    many: list[Inner] = dataclasses.field(default_factory=list)
    maybe: int | None = None


NOON = datetime(2020, 1, 1, 12, tzinfo=timezone.utc)


class Values(unittest.TestCase):
    def test_what_goes_over_comes_back_as_the_hint_says(self):
        inner = Inner(NOON)
        for value, hint in (
            (Outer(uuid.UUID(int=5), inner, [inner], 3), Outer),
            ({"a": inner}, dict[str, Inner]),
            ({1: "x"}, dict[int, str]),
            ((1, "x"), tuple[int, str]),
            ((1, 2, 3), tuple[int, ...]),
            ({1, 2}, set[int]),
            (Level.HIGH, Level),
            (Named(1, "y"), Named),
            ({"sides": [1]}, Shape),
            (None, typing.Optional[Inner]),
            (inner, typing.Union[int, Inner]),
            (b"\x00\xff", bytes),
            (2.0, float),
            ("red", typing.Literal["red", "blue"]),
            ([1, "a"], typing.Any),
        ):
            with self.subTest(hint):
                back = from_payload(to_payload(value), hint)
                self.assertEqual(back, value)
                self.assertIs(type(back), type(value))

    def test_without_a_hint_it_is_what_json_has(self):
        self.assertEqual(from_payload(to_payload(Inner(NOON))), {"at": NOON.isoformat(), "color": "red"})

    def test_what_does_not_fit_is_an_error_and_unknown_fields_are_left_out(self):
        for value, hint in (("x", int), (1, str), (True, int), ([1], dict[str, int]), ("green", Color), ("x", int | None)):
            with self.subTest(hint), self.assertRaises((TypeError, ValueError)):
                from_payload(to_payload(value), hint)
        newer = {"at": NOON.isoformat(), "added later": 1}
        self.assertEqual(from_payload(to_payload(newer), Inner), Inner(NOON))
        with self.assertRaises(TypeError):
            to_payload(object())

    def test_raw_values_and_lists(self):
        payload = to_payload(5)
        self.assertEqual(to_payload(RawValue(payload)), payload)
        self.assertEqual(from_payload(payload, RawValue), RawValue(payload))
        self.assertEqual(from_payloads([payload, payload], [float]), [5.0, 5])

    def test_times(self):
        for delta in (timedelta(seconds=1.5), timedelta(days=400), timedelta(microseconds=1)):
            self.assertEqual(duration_from_wire(duration_to_wire(delta)), delta)
        self.assertEqual(timestamp_from_wire({"seconds": 1577880000}), NOON)
        with self.assertRaises(ValueError):
            retry_policy_to_wire(RetryPolicy(backoff_coefficient=0.5))


class Failures(unittest.TestCase):
    def there_and_back(self, error):
        return from_failure(to_failure(error))

    def test_each_kind_keeps_what_it_says(self):
        told = exceptions.ApplicationError(
            "m", 1, "d", type="T", non_retryable=True, next_retry_delay=timedelta(seconds=3),
            category=exceptions.ApplicationErrorCategory.BENIGN,
        )
        back = self.there_and_back(told)
        said = (back.message, list(back.details), back.type, back.non_retryable, back.next_retry_delay, back.category)
        self.assertEqual(said, ("m", [1, "d"], "T", True, timedelta(seconds=3), told.category))
        for kind in exceptions.TimeoutType:
            late = exceptions.TimeoutError("late", type=kind, last_heartbeat_details=[])
            self.assertEqual(self.there_and_back(late).type, kind)
        for error in (exceptions.CancelledError("c", 1), exceptions.TerminatedError("t"), exceptions.ServerError("s")):
            self.assertIs(type(self.there_and_back(error)), type(error))

    def test_causes_follow_and_any_exception_is_an_application_error(self):
        try:
            try:
                raise KeyError("inner")
            except KeyError as inner:
                raise ValueError("outer") from inner
        except ValueError as error:
            back = self.there_and_back(error)
        self.assertEqual((back.type, back.message, back.cause.type), ("ValueError", "outer", "KeyError"))
        self.assertIn("test_causes_follow", back.failure.stack_trace)

    def test_a_failure_that_came_goes_on_as_it_came(self):
        wire = {"message": "m", "applicationFailureInfo": {"type": "T"}, "unknown": {"kept": 1}}
        self.assertEqual(to_failure(from_failure(wire)), wire)

    def test_a_cause_that_is_its_own_ends(self):
        error = ValueError("round")
        error.__cause__ = error
        self.assertEqual(to_failure(error)["message"], "round")

    def test_cancellation_is_recognised_in_all_its_forms(self):
        wrapped = exceptions.ActivityError(
            "m", scheduled_event_id=1, started_event_id=1, identity="", activity_type="", activity_id="", retry_state=None
        )
        self.assertFalse(exceptions.is_cancelled_exception(wrapped))
        wrapped.__cause__ = exceptions.CancelledError()
        for error in (wrapped, asyncio.CancelledError(), exceptions.CancelledError()):
            self.assertTrue(exceptions.is_cancelled_exception(error))


@activity.defn
async def tells(n: int) -> list:
    about = activity.info()
    activity.heartbeat("half", n)
    return [about.attempt, about.workflow_id, list(about.heartbeat_details), activity.in_activity()]


@activity.defn(name="in a thread")
def threaded(n: float) -> float:
    activity.heartbeat(n)
    return n / 2


@activity.defn
async def waits():
    try:
        await activity.wait_for_cancelled()
    finally:
        assert activity.is_cancelled() and activity.cancellation_details().cancel_requested


@activity.defn
async def later():
    activity.raise_complete_async()


def _until_cancelled():
    activity.heartbeat("running")
    while True:
        time.sleep(0.001)


@activity.defn
def runs_on():
    try:
        _until_cancelled()
    finally:
        time.sleep(0.01)
        activity.heartbeat("tidied up")


@activity.defn
def shields_itself():
    try:
        with activity.shield_thread_cancel_exception():
            activity.heartbeat("running")
            activity.wait_for_cancelled_sync()
            activity.heartbeat("not yet")
        _until_cancelled()
    except exceptions.CancelledError:
        activity.heartbeat("now")
        raise


@activity.defn(no_thread_cancel_exception=True)
def asks():
    activity.heartbeat("running")
    while not activity.is_cancelled():
        time.sleep(0.001)
    return "asked"


class Methods:
    @activity.defn(dynamic=True)
    async def anything(self, args: typing.Sequence[RawValue]) -> str:
        return f"{activity.info().activity_type} {len(args)}"


class Activities(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.beats = []
        pool = ThreadPoolExecutor(1)
        self.addCleanup(pool.shutdown)
        self.runner = ActivityRunner(
            [tells, threaded, waits, later, runs_on, shields_itself, asks, Methods().anything],
            beat=lambda token, details: self.beats.append((token, from_payloads(details))),
            executor=pool,
        )

    def run_one(self, name, *arguments, **start):
        job = {"activityId": "1", "activityType": name, "input": [to_payload(each) for each in arguments], **start}
        return self.runner.run("t1", job)

    async def test_results_heartbeats_and_what_it_knows_of_itself(self):
        earlier = {"attempt": 2, "heartbeatDetails": [to_payload(7)], "workflowExecution": {"workflowId": "w"}}
        done = await self.run_one("tells", 5, **earlier)
        self.assertEqual(from_payload(done["completed"]["result"]), [2, "w", [7], True])
        done = await self.run_one("in a thread", 5)
        self.assertEqual(from_payload(done["completed"]["result"]), 2.5)
        self.assertEqual(self.beats, [("t1", ["half", 5]), ("t1", [5.0])])
        self.assertFalse(activity.in_activity())

    async def test_methods_dynamic_ones_and_those_completed_later(self):
        done = await self.run_one("unheard of", 1, 2)
        self.assertEqual(from_payload(done["completed"]["result"]), "unheard of 2")
        self.assertEqual(await self.run_one("later"), {"willCompleteAsync": {}})

    async def test_failures_are_told_and_cancelling_is_passed_on(self):
        failed = await self.run_one("tells", "no number")
        self.assertEqual(failed["failed"]["failure"]["applicationFailureInfo"]["type"], "TypeError")
        running = asyncio.create_task(self.run_one("waits"))
        while not self.runner.is_running("t1"):
            await asyncio.sleep(0)
        self.runner.cancel("t1", "cancel_requested")
        self.assertIn("canceledFailureInfo", (await running)["cancelled"]["failure"])
        self.runner.cancel("t1", "cancel_requested")

    async def cancelled_in_thread(self, name):
        running = asyncio.create_task(self.run_one(name))
        while not self.beats:
            await asyncio.sleep(0)
        while not running.done():
            # However often it is said: what tidies up is not disturbed.
            self.runner.cancel("t1", "cancel_requested")
            await asyncio.sleep(0)
        return await running

    async def test_a_function_in_a_thread_is_cancelled_by_an_exception(self):
        for name, told in (("runs_on", ["running", "tidied up"]), ("shields_itself", ["running", "not yet", "now"])):
            with self.subTest(name):
                self.beats.clear()
                self.assertIn("cancelled", await self.cancelled_in_thread(name))
                self.assertEqual([details for _, (details,) in self.beats], told)
        # The thread itself is as good as new.
        self.assertIn("completed", await self.run_one("in a thread", 1))

    async def test_a_function_that_wants_no_exception_asks(self):
        done = await self.cancelled_in_thread("asks")
        self.assertEqual(from_payload(done["completed"]["result"]), "asked")

    async def test_what_is_registered_twice_or_not_at_all_is_refused(self):
        with self.assertRaisesRegex(ValueError, "More than one activity named tells"):
            ActivityRunner([tells, tells], beat=lambda *_: None)
        with self.assertRaisesRegex(ValueError, "decorated with @activity.defn"):
            ActivityRunner([print], beat=lambda *_: None)
        alone = ActivityRunner([tells], beat=lambda *_: None)
        failed = await alone.run("t", {"activityId": "1", "activityType": "other"})
        self.assertIn("available activities: tells", failed["failed"]["failure"]["message"])


if __name__ == "__main__":
    unittest.main()
