"""Activities that are methods of an object with a connection, some of them blocking."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker


@dataclass
class Account:
    owner: str
    cents: int = 0


class Bank:
    def __init__(self) -> None:
        self.accounts = {"ann": Account("ann", 500)}

    @activity.defn
    async def balance(self, owner: str) -> Account:
        return self.accounts[owner]

    @activity.defn(name="pay-in")
    def pay_in(self, owner: str, cents: int) -> Account:
        self.accounts[owner].cents += cents
        return self.accounts[owner]


@workflow.defn
class Deposit:
    @workflow.run
    async def run(self, owner: str, cents: int) -> Account:
        before = await workflow.execute_activity_method(
            Bank.balance, owner, start_to_close_timeout=timedelta(seconds=10)
        )
        workflow.logger.info("had %s", before.cents)
        return await workflow.execute_activity_method(
            Bank.pay_in, args=[owner, cents], start_to_close_timeout=timedelta(seconds=10)
        )


async def main() -> None:
    client = await Client.connect("localhost:7233")
    bank = Bank()
    with ThreadPoolExecutor(4) as pool:
        worker = Worker(
            client,
            task_queue="bank",
            workflows=[Deposit],
            activities=[bank.balance, bank.pay_in],
            activity_executor=pool,
        )
        async with worker:
            print(await client.execute_workflow(Deposit.run, args=["ann", 25], id="deposit-1", task_queue="bank"))


if __name__ == "__main__":
    asyncio.run(main())

# > Account(owner='ann', cents=525)
