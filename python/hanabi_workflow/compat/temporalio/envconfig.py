from hanabi_workflow.envconfig import ClientConfig

__all__ = ["ClientConfig"]
