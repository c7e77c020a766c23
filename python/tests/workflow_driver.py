"""Drives workflows by activations, as the host does, and plays them again."""

import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

import tests_path  # noqa: F401

from hanabi_workflow.converter import from_payload, to_payload
from hanabi_workflow.definitions import WorkflowDefinition
from hanabi_workflow.script import COMPAT
from hanabi_workflow.workflow_host import WorkflowHost

HEAD = """
import asyncio
import dataclasses
from datetime import timedelta
from typing import Any, Sequence
from temporalio import activity, exceptions, workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import *
S = timedelta(seconds=1)
"""


class Driven:
    """One run. Each method is an activation; `commands` are those that the last one gave."""

    def __init__(self, host, run_id, name, *arguments, **start):
        self.host = host
        self.run_id = run_id
        self.seconds = 100
        self.record = []
        job = {"workflowType": name, "workflowId": "w1", "arguments": [to_payload(a) for a in arguments], "randomnessSeed": "7"}
        self.activate({"initializeWorkflow": {**job, **start}})

    def activate(self, *jobs, replaying=False, seconds=1):
        self.seconds += seconds
        activation = {"runId": self.run_id, "timestamp": {"seconds": self.seconds}, "isReplaying": replaying, "jobs": list(jobs)}
        completion = self.host.activate(activation)
        self.record.append((activation, completion))
        self.failure = completion.get("failed", {}).get("failure")
        self.commands = completion.get("successful", {}).get("commands", [])
        return self

    @property
    def kinds(self):
        return [next(key for key in command if key != "userMetadata") for command in self.commands]

    def command(self, kind):
        return next(command[kind] for command in self.commands if kind in command)

    def result(self):
        payload = self.command("completeWorkflowExecution")["result"]
        return from_payload(payload)

    def activity_done(self, seq, value=None):
        return self.activate({"resolveActivity": {"seq": seq, "result": {"completed": {"result": to_payload(value)}}}})

    def fire(self, seq, seconds=1):
        return self.activate({"fireTimer": {"seq": seq}}, seconds=seconds)

    def signal(self, name, *arguments):
        return self.activate(signal_job(name, *arguments))

    def query(self, name, *arguments):
        job = {"queryId": "q", "queryType": name, "arguments": [to_payload(a) for a in arguments]}
        return self.activate({"queryWorkflow": job}).command("respondToQuery")

    def update(self, name, *arguments):
        return self.activate(update_job(name, *arguments))

    def cancel(self):
        return self.activate({"cancelWorkflow": {"reason": "enough"}})


def signal_job(name, *arguments):
    return {"signalWorkflow": {"signalName": name, "input": [to_payload(a) for a in arguments]}}


def update_job(name, *arguments):
    return {
        "doUpdate": {
            "id": "u",
            "protocolInstanceId": "u/1",
            "name": name,
            "input": [to_payload(a) for a in arguments],
            "runValidator": True,
        }
    }


class WorkflowCase(unittest.TestCase):
    count = 0

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for path in (COMPAT, folder.name):
            sys.path.insert(0, path)
            self.addCleanup(sys.path.remove, path)
        self.runs = 0

    def classes(self, code):
        """The workflow classes of a module of this code."""
        WorkflowCase.count += 1
        name = f"driven_{WorkflowCase.count}"
        (self.folder / f"{name}.py").write_text(HEAD + textwrap.dedent(code), "utf-8")
        module = __import__(name)
        self.addCleanup(sys.modules.pop, name)
        return [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == name and is_workflow(each)]

    def start(self, code, *arguments, runner=None, options=None, **start):
        self.workflow_classes = self.classes(code)
        self.make_host = lambda: WorkflowHost(self.workflow_classes, runner=runner, options=options)
        self.runs += 1
        name = WorkflowDefinition.of(self.workflow_classes[0]).name
        return Driven(self.make_host(), f"run-{self.runs}", name or "any", *arguments, **start)

    def assert_replays(self, driven):
        """The same activations in a process that has nothing of the run give the same commands."""
        host = self.make_host()
        for activation, completion in driven.record:
            self.assertEqual(host.activate({**activation, "isReplaying": True}), completion)


def is_workflow(cls):
    try:
        WorkflowDefinition.of(cls)
    except ValueError:
        return False
    return True
