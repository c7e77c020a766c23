/** The Python of new modules, one program for each profile. */

export const WORKER = `"""Runs on the server, in a sealed sandbox: bytes in, files out, nothing else in reach."""


def run(inputs, options):
    unit = options.get("unit", "bytes")
    files = {}
    for number, (name, data) in enumerate(inputs.items()):
        yield {"pct": 100 * number / len(inputs), "message": f"Counting {name}"}
        count = len(data.splitlines()) if unit == "lines" else len(data)
        files[f"{name}.txt"] = f"{name} has {count} {unit}\\n"
    return files
`;

export const SERVICE = `"""Goes on while no window is open, in the smaller Python of services: setup once, then tick again and again."""


def setup(ctx):
    ctx.log.info(f"{ctx.state.get('lit', 0)} lanterns are lit")


def tick(ctx):
    # What has to survive a restart belongs into ctx.state; variables live as long as the program is loaded.
    lit = ctx.state.get("lit", 0) + 1
    ctx.state.set("lit", lit)
    ctx.monitor.number("Lanterns", lit)
    ctx.log.info(f"lit lantern {lit}")


def on_error(ctx, error):
    ctx.log.error(f"no lantern this time: {error}")
`;

export const WORKFLOW = `"""Waits as long as it takes, through restarts of the server: it goes on from its history, at the line where it was."""

from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def wording(question: str, answer: str) -> str:
    """Acts, in a sandbox of its own: what may fail or come out differently belongs here."""
    return f"{question} {answer.capitalize()}!"


@workflow.defn
class Question:
    def __init__(self) -> None:
        self.answer: str | None = None

    @workflow.run
    async def run(self, question: str) -> str:
        await workflow.wait_condition(lambda: self.answer is not None)
        within = timedelta(minutes=1)
        return await workflow.execute_activity(wording, args=[question, self.answer], start_to_close_timeout=within)

    @workflow.signal
    def answered(self, answer: str) -> None:
        self.answer = self.answer or answer
`;
