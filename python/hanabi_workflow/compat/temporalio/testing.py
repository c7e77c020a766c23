from hanabi_workflow.testing import ActivityEnvironment, WorkflowEnvironment

__all__ = ["ActivityEnvironment", "WorkflowEnvironment"]
