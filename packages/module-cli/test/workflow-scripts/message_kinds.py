"""A cart that is asked and told things while it is open: signals, queries, updates with a validator, and a lock."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from temporalio import activity, workflow
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateFailedError, WorkflowUpdateStage
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker


class Size(str, Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Item:
    name: str
    size: Size = Size.SMALL


@dataclass
class CartState:
    items: list[Item] = field(default_factory=list)
    total: int = 0


@activity.defn
async def price_of(item: Item) -> int:
    return {Size.SMALL: 1, Size.LARGE: 3}[item.size]


@workflow.defn
class Cart:
    @workflow.init
    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.state = CartState()
        self.lock = asyncio.Lock()
        self.is_closed = False

    @workflow.run
    async def run(self, owner: str) -> CartState:
        await workflow.wait_condition(lambda: self.is_closed and workflow.all_handlers_finished())
        return self.state

    @workflow.update
    async def add(self, item: Item) -> int:
        async with self.lock:
            price = await workflow.execute_activity(price_of, item, start_to_close_timeout=timedelta(seconds=10))
            self.state.items.append(item)
            self.state.total += price
        return self.state.total

    @add.validator
    def check_add(self, item: Item) -> None:
        if not item.name:
            raise ValueError("an item has a name")

    @workflow.update(name="empty")
    async def clear(self) -> None:
        if not self.state.items:
            raise ApplicationError("nothing to empty", type="Empty")
        self.state = CartState()

    @workflow.signal(name="close")
    async def close_it(self) -> None:
        await asyncio.sleep(0.001)
        self.is_closed = True

    @workflow.query(description="what it costs by now")
    def total(self) -> int:
        return self.state.total


async def main() -> None:
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="shop", workflows=[Cart], activities=[price_of]):
        handle = await client.start_workflow(Cart.run, "ann", id="cart-ann", task_queue="shop")
        try:
            await handle.execute_update(Cart.clear)
        except WorkflowUpdateFailedError as error:
            print(type(error.cause).__name__, error.cause.type)
        pending = await handle.start_update(
            Cart.add, Item("tea", Size.LARGE), wait_for_stage=WorkflowUpdateStage.ACCEPTED, id="add-tea"
        )
        print(await pending.result())
        print(sorted(await asyncio.gather(*[handle.execute_update(Cart.add, Item(name)) for name in "ab"])))
        try:
            await handle.execute_update(Cart.add, Item(""))
        except WorkflowUpdateFailedError as error:
            print(error.cause)
        print(await handle.query(Cart.total))
        await handle.signal(Cart.close_it)
        state = await handle.result()
        print([item.size.name for item in state.items], state.total)

        for name in ("milk", "bread"):
            begin = WithStartWorkflowOperation(
                Cart.run, "bob", id="bobs", task_queue="shop", id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING
            )
            added = await client.execute_update_with_start_workflow(Cart.add, Item(name), start_workflow_operation=begin)
            print(name, added, (await begin.workflow_handle()).id)
        try:
            await client.execute_update_with_start_workflow(Cart.add, Item("tea"), start_workflow_operation=begin)
        except RuntimeError as error:
            print(error)


if __name__ == "__main__":
    asyncio.run(main())

# > ApplicationError Empty
# > 3
# > [4, 5]
# > ValueError: an item has a name
# > 5
# > ['LARGE', 'SMALL', 'SMALL'] 5
# > milk 1 bobs
# > bread 2 bobs
# > WithStartWorkflowOperation cannot be used again
