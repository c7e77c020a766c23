/** Activities of workflows in real sandboxes: asked to end, waiting for a place, ended by somebody else, and what they are given. */
import { DESKTOP_PATHS, type Launch, type Results, WorkflowDetails } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KillableServer } from './harness/killable-server.ts';
import { workflowModule } from './harness/workflow-module.ts';

const PROGRAM = `
import asyncio
import dataclasses
import time
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, CancelledError
from temporalio.workflow import ActivityCancellationType

LONG = timedelta(minutes=10)
ONCE = RetryPolicy(maximum_attempts=1)


@activity.defn
async def tidies() -> str:
    activity.heartbeat("begun")
    try:
        await asyncio.sleep(600)
    except asyncio.CancelledError:
        assert activity.is_cancelled() and activity.cancellation_details().cancel_requested
        activity.heartbeat("tidied")
        raise
    return "slept"


@activity.defn
def tidies_in_a_thread() -> str:
    activity.heartbeat("begun")
    try:
        while True:
            time.sleep(0.01)
    finally:
        activity.heartbeat("tidied")


@activity.defn
async def ends_well() -> str:
    activity.heartbeat("begun")
    try:
        await activity.wait_for_cancelled()
    except asyncio.CancelledError:
        return "ended well"
    return "was not asked"


@activity.defn
async def somebody_answers() -> str:
    activity.heartbeat(activity.info().task_token.decode())
    activity.raise_complete_async()


@activity.defn
def counts_on() -> list:
    said = list(activity.info().heartbeat_details)
    activity.heartbeat(len(said), "seen")
    if activity.info().attempt < 3:
        raise ValueError("again")
    return said


@dataclasses.dataclass
class Order:
    name: str
    pieces: list[int]


@activity.defn
def doubles(order: Order, times: int) -> Order:
    return Order(order.name, order.pieces * times)


@activity.defn
async def sleeps() -> None:
    activity.heartbeat("begun")
    await asyncio.sleep(600)


LATE = {
    "HEARTBEAT": dict(start_to_close_timeout=LONG, heartbeat_timeout=timedelta(seconds=1)),
    "SCHEDULE_TO_CLOSE": dict(schedule_to_close_timeout=timedelta(seconds=3)),
}


@workflow.defn
class IsLate:
    @workflow.run
    async def run(self, kind: str) -> str:
        try:
            await workflow.execute_activity(sleeps, retry_policy=ONCE, **LATE[kind])
        except ActivityError as error:
            return f"{error.cause.type.name} {error.cause.last_heartbeat_details}"


CANCELLED = {"tidies": tidies, "tidies_in_a_thread": tidies_in_a_thread, "ends_well": ends_well}


@workflow.defn
class Cancels:
    @workflow.run
    async def run(self, name: str, kind: str) -> str:
        self.begun = False
        handle = workflow.start_activity(
            CANCELLED[name], start_to_close_timeout=LONG, cancellation_type=ActivityCancellationType[kind]
        )
        await workflow.wait_condition(lambda: self.begun)
        handle.cancel()
        try:
            return await handle
        except ActivityError as error:
            assert isinstance(error.cause, CancelledError)
            return "cancelled"

    @workflow.signal
    def cancel(self) -> None:
        self.begun = True


@workflow.defn
class Asks:
    @workflow.run
    async def run(self) -> str:
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=50))
        return await workflow.execute_activity(
            somebody_answers, activity_id="ask", start_to_close_timeout=LONG, retry_policy=policy
        )


@workflow.defn
class Passes:
    @workflow.run
    async def run(self) -> list:
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=50))
        said = await workflow.execute_activity(counts_on, start_to_close_timeout=LONG, retry_policy=policy)
        order = await workflow.execute_activity(doubles, args=[Order("one", [1, 2]), 2], start_to_close_timeout=LONG)
        assert isinstance(order, Order)
        return [said, order]


@workflow.defn
class Fills:
    @workflow.run
    async def run(self) -> str:
        busy = workflow.start_activity(sleeps, start_to_close_timeout=LONG)
        await workflow.sleep(0.01)
        try:
            await workflow.execute_activity(
                sleeps, schedule_to_start_timeout=timedelta(seconds=3), start_to_close_timeout=LONG
            )
        except ActivityError as error:
            # What the server does itself needs no place.
            await workflow.execute_activity("HANABI_NOTIFY", {"message": "full"}, start_to_close_timeout=LONG)
            busy.cancel()
            return f"{error.cause.type.name} {error.retry_state.name}"
`;

let server: KillableServer;
let launch: Launch;

beforeAll(async () => {
  const module = await workflowModule('acts', PROGRAM, ['notifications']);
  // Of two places a module has one: the other is for jobs that somebody waits for.
  server = await KillableServer.start({ ...module, env: { ...module.env, HANABI_WORKER_JOBS_MAX: '2' } });
  launch = await server.desktop.launch('acts');
}, 60_000);
afterAll(() => server.stop());

async function ask<Type extends keyof Results>(type: Type, payload: object): Promise<Results[Type]> {
  const answer = await server.desktop.ask(launch, type, payload);
  if (!answer.ok) throw new Error(`${answer.error.code} ${answer.error.message}`);
  return answer.data as Results[Type];
}
const PATIENCE = { timeout: 25_000, interval: 50 };
const begin = (workflow: string, id: string, ...args: unknown[]) =>
  ask('HANABI_WORKFLOW_START', { workflow, id, args });
const resultOf = (id: string) => ask('HANABI_WORKFLOW_RESULT', { id });

async function pendingOf(run_id: string) {
  const answer = await server.desktop.send('GET', `${DESKTOP_PATHS.workflows}/${run_id}`);
  return WorkflowDetails.parse(await answer.json()).activities;
}
const heartbeatOf = (run_id: string) => expect.poll(async () => (await pendingOf(run_id))[0]?.heartbeat, PATIENCE);

it.each([
  ['WAIT_CANCELLATION_COMPLETED', 'tidies', 'cancelled'],
  ['WAIT_CANCELLATION_COMPLETED', 'tidies_in_a_thread', 'cancelled'],
  ['WAIT_CANCELLATION_COMPLETED', 'ends_well', 'ended well'],
  ['TRY_CANCEL', 'ends_well', 'cancelled'],
])('asks an activity to end, and with %s hears of %s: %s', async (kind, name, value) => {
  const id = `${kind} ${name}`;
  const { run_id } = await begin('Cancels', id, name, kind);
  await heartbeatOf(run_id).toBe('"begun"');
  await ask('HANABI_WORKFLOW_SIGNAL', { id, signal: 'cancel' });
  expect(await resultOf(id)).toMatchObject({ state: 'completed', value });
});

it('lets an activity go on that its workflow abandons, and asks it when that has ended', async () => {
  const { run_id } = await begin('Cancels', 'abandons', 'ends_well', 'ABANDON');
  await heartbeatOf(run_id).toBe('"begun"');
  await ask('HANABI_WORKFLOW_SIGNAL', { id: 'abandons', signal: 'cancel' });
  expect(await resultOf('abandons')).toMatchObject({ state: 'completed', value: 'cancelled' });
  // Its place is free again, or nothing would come of this one.
  await begin('Passes', 'after');
  expect(await resultOf('after')).toMatchObject({ state: 'completed' });
});

it('gives heartbeats to the next attempt, and dataclasses to functions in threads', async () => {
  await begin('Passes', 'passes');
  expect(await resultOf('passes')).toMatchObject({ value: [[2, 'seen'], { name: 'one', pieces: [1, 2, 1, 2] }] });
});

it.each(['HEARTBEAT', 'SCHEDULE_TO_CLOSE'])('hears at once of the time-out %s of an activity', async (kind) => {
  await begin('IsLate', kind, kind);
  expect(await resultOf(kind)).toMatchObject({ state: 'completed', value: `${kind} ['begun']` });
});

it('waits for somebody else where the code says so, and takes a result, a failure and heartbeats from there', async () => {
  const { run_id } = await begin('Asks', 'asks');
  const which = { id: 'asks', activityId: 'ask' };
  const isOpen = () => expect.poll(async () => (await pendingOf(run_id))[0]?.state, PATIENCE).toBe('open');
  await isOpen();
  const [first] = await pendingOf(run_id);
  const token = JSON.parse(first!.heartbeat) as string;
  await ask('HANABI_WORKFLOW_FAIL_ACTIVITY', { ...which, token, message: 'nobody is there' });
  await expect.poll(async () => (await pendingOf(run_id))[0]?.attempt, PATIENCE).toBe(2);
  await isOpen();
  await expect(ask('HANABI_WORKFLOW_COMPLETE_ACTIVITY', { ...which, token })).rejects.toThrow('HANABI-W033');
  expect(await ask('HANABI_WORKFLOW_HEARTBEAT', { ...which, details: ['asked'] })).toEqual({ cancel_requested: false });
  expect(await pendingOf(run_id)).toMatchObject([
    { attempt: 2, heartbeat: '"asked"', last_failure: { message: 'nobody is there' } },
  ]);
  await ask('HANABI_WORKFLOW_COMPLETE_ACTIVITY', { ...which, value: 'yes' });
  expect(await resultOf('asks')).toMatchObject({ state: 'completed', value: 'yes' });
  await expect(ask('HANABI_WORKFLOW_HEARTBEAT', which)).rejects.toThrow('HANABI-W033');
});

it('never gives all places to one module, shows what waits for one, and ends it when nobody comes', async () => {
  const { run_id } = await begin('Fills', 'fills');
  const states = async () => (await pendingOf(run_id)).map(({ state }) => state);
  await expect.poll(states, PATIENCE).toEqual(['running', 'waiting']);
  expect(await resultOf('fills')).toMatchObject({ value: 'SCHEDULE_TO_START NON_RETRYABLE_FAILURE' });
});
