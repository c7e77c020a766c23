"""`from hanabi import workflow, activity` is the same thing under our own name."""

from hanabi_workflow import activity, workflow

__all__ = ["activity", "workflow"]
