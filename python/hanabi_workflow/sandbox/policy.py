"""What is said when a run imports a module late, or reloads one that nobody listed as passthrough."""

from enum import Flag, auto


class SandboxImportNotificationPolicy(Flag):
    """A set of notices. The default is WARN_ON_DYNAMIC_IMPORT."""

    SILENT = auto()
    WARN_ON_DYNAMIC_IMPORT = auto()
    """Warn when a run loads a module after it began."""
    WARN_ON_UNINTENTIONAL_PASSTHROUGH = auto()
    """Warn when a run reloads a module because it is not listed as passthrough."""
    RAISE_ON_UNINTENTIONAL_PASSTHROUGH = auto()
    """The same, as an error."""
