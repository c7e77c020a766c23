from hanabi_workflow.replayer import Replayer, WorkflowReplayResult, WorkflowReplayResults
from hanabi_workflow.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

__all__ = [
    "Replayer",
    "UnsandboxedWorkflowRunner",
    "Worker",
    "WorkflowReplayResult",
    "WorkflowReplayResults",
    "WorkflowRunner",
]
