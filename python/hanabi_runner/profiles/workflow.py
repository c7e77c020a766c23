"""Durable workflows and their activities. The package that knows them lies beside the runner, for those who need it."""

import posix
import sys

from hanabi_runner.wire import FD_IN, FD_OUT, encode_fields

RUNNER = "/runner"
PACKAGES = "/runner/hanabi_runner/packages"

# Sets of strings are ordered by the hash seed, which must be the same on replay and is fixed when Python starts.
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "TZ": "UTC", "PYTHONPATH": f"{RUNNER}:{PACKAGES}", "PYTHONDONTWRITEBYTECODE": "1"}


def begin_anew(order):
    """Never returns: this process becomes one that executes workflows, with the same channel."""
    for descriptor in (FD_IN, FD_OUT):
        posix.set_inheritable(descriptor, True)
    arguments = [sys.executable, "-s", "-P", "-S", "-u", "-m", "hanabi_workflow.sealed_workflows"]
    told = encode_fields({"entry": order["entry"], "libraries": order["libraries"]}).decode("ascii")
    posix.execve(sys.executable, [*arguments, told], _ENVIRONMENT)


def run_activity(channel, job):
    """The one file of the job: what became of the attempt, as JSON."""
    return [("result.json", load_activities()(channel, job))]


def load_activities():
    """Takes longer than most activities; a fork server does it before they come."""
    sys.path[:0] = [RUNNER, PACKAGES]
    import hanabi_workflow.workflow  # noqa: F401  what the files of modules import
    from hanabi_workflow.sealed_activity import attempt

    del sys.path[:2]
    return attempt
