from hanabi_workflow.client import RPCError, RPCStatusCode

__all__ = ["RPCError", "RPCStatusCode"]
