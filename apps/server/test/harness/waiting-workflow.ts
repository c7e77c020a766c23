/** A workflow that does one thing and then waits until it is told: its versions differ in what they do first. */
import type { ModuleWish } from './make-module.ts';

export const GREETS = 'await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(minutes=1))';
export const SLEEPS = 'await asyncio.sleep(0.01)';
/** The line of what it does first. */
export const FIRST_LINE = 17;

export const waitingProgram = (first: string) => `
import asyncio
from datetime import timedelta
from temporalio import activity, workflow

@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"

@workflow.defn
class Waits:
    def __init__(self) -> None:
        self.is_told = False

    @workflow.run
    async def run(self, name: str = "Ada") -> str:
        ${first}
        await workflow.wait_condition(lambda: self.is_told)
        return "told"

    @workflow.signal
    def tell(self) -> None:
        self.is_told = True
`;

/** A module with that program, or another one. */
export function waitingModule(id: string, version: string, program: string): ModuleWish {
  return {
    id,
    permissions: ['worker.workflow'],
    files: { 'workflow/main.py': program },
    manifest: { version, entrypoints: { ui: 'ui/index.html', workflow: 'workflow/main.py' } },
  };
}
