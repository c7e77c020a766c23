"""What a run of a workflow costs in memory of a process and in time, sandboxed and not. Prints JSON; times in ms.

Started with PYTHONPATH and PYTHONHASHSEED as the host starts workers.
"""

import gc
import importlib
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from hanabi_workflow.environments import SandboxedWorkflowRunner, UnsandboxedWorkflowRunner
from hanabi_workflow.workflow_host import WorkflowHost

PAGE_BYTES = 4096

WORKFLOW = """
import asyncio
from hanabi_workflow import workflow
{more}
@workflow.defn
class W:
    @workflow.run
    async def run(self, count: int):
        {use}
        for _ in range(count): await asyncio.sleep(1)
"""

# A workflow calls some of what a package has, and seldom much of it.
USE = "assert sum(getattr(large, f'C{n}')(n).m(1) + getattr(large, f'f{n}')(n) for n in range(25)) > 0"

# 5,000 lines, as a package of an author's may have them.
LARGE = "\n".join(
    f"class C{n}:\n    def __init__(self, a, b=1):\n        self.a = a\n        self.b = b\n"
    f"    def m(self, x):\n        return x + self.a\ndef f{n}(x):\n    return x * {n}"
    for n in range(625)
)


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def job(count):
    data = {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": {0: "MA==", 1000: "MTAwMA==", 10000: "MTAwMDA="}[count]}
    return {"initializeWorkflow": {"workflowType": "W", "workflowId": "w", "arguments": [data]}}


def apart(work, *arguments):
    """What comes of it in a process of its own: memory that another measurement gave back would be used again."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, json.dumps(work(*arguments)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        result = json.load(answer)
    os.wait()
    return result


def create(module, runner, count):
    """The median time of making a run that has taken its first step, and what each keeps."""
    host = WorkflowHost([importlib.import_module(module).W], runner=runner)
    start = {"jobs": [{**job(1000)}]}
    host.activate({"runId": "warm", **start})
    gc.collect()
    before = resident_bytes()
    times = []
    for number in range(count):
        begun = time.perf_counter()
        host.activate({"runId": str(number), **start})
        times.append((time.perf_counter() - begun) * 1000)
    gc.collect()
    return {"ms": statistics.median(times), "bytes": (resident_bytes() - before) / count}


def replay(module, count):
    """Milliseconds for each of so many timers, played again one after another."""
    host = WorkflowHost([importlib.import_module(module).W])
    begun = time.perf_counter()
    host.activate({"runId": "r", "isReplaying": True, "jobs": [job(count)]})
    for seq in range(1, count + 1):
        done = host.activate({"runId": "r", "isReplaying": True, "timestamp": {"seconds": seq}, "jobs": [{"fireTimer": {"seq": seq}}]})
    assert "completeWorkflowExecution" in done["successful"]["commands"][0]
    return (time.perf_counter() - begun) * 1000 / count


def main():
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        Path(folder, "large.py").write_text(LARGE)
        Path(folder, "plain_workflow.py").write_text(WORKFLOW.format(more="", use=""))
        Path(folder, "large_workflow.py").write_text(WORKFLOW.format(more="import large", use=USE))
        result = {
            "bare": apart(create, "plain_workflow", UnsandboxedWorkflowRunner(), 500),
            "bare_large": apart(create, "large_workflow", UnsandboxedWorkflowRunner(), 500),
            "plain": apart(create, "plain_workflow", SandboxedWorkflowRunner(), 500),
            "large": apart(create, "large_workflow", SandboxedWorkflowRunner(), 100),
            "replay_1k": apart(replay, "plain_workflow", 1000),
            "replay_10k": apart(replay, "plain_workflow", 10000),
        }
        print(json.dumps(result))


main()
