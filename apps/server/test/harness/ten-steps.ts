/** A workflow of ten steps of several kinds, for tests that kill what executes it between any two of them. */
import { expect } from 'vitest';
import type { Db } from '../../src/storage/db.ts';

export const STEPS = 10;

export const TEN_STEPS = `
import asyncio
import uuid
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def step(number: int) -> str:
    await asyncio.sleep(0.2)
    return f"{number} {uuid.uuid4()}"


@workflow.defn
class Step:
    @workflow.run
    async def run(self, number: int) -> str:
        return await workflow.execute_activity(step, number, start_to_close_timeout=timedelta(minutes=1))


@workflow.defn
class TenSteps:
    def __init__(self) -> None:
        self.results: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        for number in range(${STEPS}):
            if number % 3 == 2:
                self.results.append(await workflow.execute_child_workflow(Step.run, number, id=f"step-{number}"))
                await asyncio.sleep(0.05)
            else:
                self.results.append(await workflow.execute_activity(step, number, start_to_close_timeout=timedelta(minutes=1)))
        return [*self.results, str(workflow.uuid4())]
`;

/** How many events all histories have. */
export async function eventsOf(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('workflow_events')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** Each step was completed once, and what the workflow returned is what those who did the steps said. */
export async function expectEachStepOnce(db: Db, value: unknown): Promise<void> {
  const rows = await db
    .selectFrom('workflow_events')
    .select(['type', 'attributes'])
    .where('type', 'in', ['ACTIVITY_TASK_SCHEDULED', 'ACTIVITY_TASK_COMPLETED'])
    .execute();
  const results = rows
    .filter(({ type }) => type === 'ACTIVITY_TASK_COMPLETED')
    .map(({ attributes }) => (JSON.parse(attributes) as { result: { data: string } }).result.data)
    .map((data) => JSON.parse(atob(data)) as string);
  expect(rows).toHaveLength(2 * STEPS);
  const said = value as string[];
  expect(said).toHaveLength(STEPS + 1);
  expect(said.slice(0, STEPS).toSorted()).toEqual(results.toSorted());
  const numbers = Array.from({ length: STEPS }, (_, number) => `${number}`);
  expect(said.slice(0, STEPS).map((each) => each.split(' ')[0])).toEqual(numbers);
}
