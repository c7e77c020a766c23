"""What a guard does when it is reached: the original, the deterministic value, a warning or an error."""

from __future__ import annotations

import sys
import warnings
from types import FrameType
from typing import TYPE_CHECKING

from .active import active, is_inside
from .effects import DEEP, Effect
from .errors import RestrictedWorkflowAccessError
from .matcher import RestrictionContext

if TYPE_CHECKING:
    from .run import SandboxRun

_AT_RUNTIME = RestrictionContext(is_runtime=True)

# They read files of the installation, or keep the log: nothing of it comes back to the workflow as a difference.
_TRUSTED = frozenset(
    "importlib zipimport pkgutil linecache tokenize inspect traceback zoneinfo logging encodings warnings _strptime "
    "hanabi_workflow hanabi_runner".split()
)

# What the loop of a run calls, the run had scheduled: loop.call_soon(os.listdir) has no frame of the run.
_LOOP = "hanabi_workflow.event_loop"


def decide(effect: Effect, args: tuple, kwargs: dict, frame: FrameType) -> bool:
    """Whether the deterministic value shall be given; otherwise the original may be called. Raises when refused.

    `frame` is the caller of what is guarded.
    """
    run = active.run
    if run is None or run.is_unrestricted():
        return False
    if effect.when is not None and not effect.when(args, kwargs):
        return False
    if is_inside(frame, run):
        refuse_if_matched(run, effect.path, effect.remedy)
        return effect.substitute is not None and _asleep(run, effect)
    if effect.substitute is not None:
        return _asleep(run, effect)
    if effect.reach == DEEP:
        through = _through(frame, run)
        if through is not None:
            refuse_if_matched(run, effect.path, effect.remedy, through=through)
    return False


def refuse_if_matched(
    run: SandboxRun,
    path: tuple[str, ...],
    remedy: str | None = None,
    *,
    through: str | None = None,
    include_use: bool = True,
) -> None:
    matcher = run.restrictions.invalid_module_members.access_matcher(run.context, *path, include_use=include_use)
    if matcher is None:
        return
    name = ".".join(path)
    message = matcher.leaf_message or RestrictedWorkflowAccessError.default_message(name, remedy=remedy, through=through)
    if matcher.leaf_warning is None:
        raise RestrictedWorkflowAccessError(name, override_message=message)
    warnings.warn(message, matcher.leaf_warning, stacklevel=4)


def _asleep(run: SandboxRun, effect: Effect) -> bool:
    """Whether the policy names it at all, though not for this caller or not while modules are loaded."""
    return run.restrictions.invalid_module_members.match_access(_AT_RUNTIME, *effect.path, include_use=True)


def _through(frame: FrameType | None, run: SandboxRun) -> str | None:
    """The passed-through function that the run had called, or scheduled, to get here.

    None where trusted code is on the way, or where nothing of the run is.
    """
    through = None
    while frame is not None and not is_inside(frame, run):
        module = frame.f_globals.get("__name__", "")
        if module == _LOOP:
            return through
        if module.partition(".")[0] in _TRUSTED or module.startswith("_frozen_importlib"):
            return None
        through = f"{module}.{getattr(frame.f_code, 'co_qualname', frame.f_code.co_name)}"
        frame = frame.f_back
    return through if frame is not None else None


def caller(depth: int = 2) -> FrameType:
    """The frame that called the function that asks (two up from here)."""
    return sys._getframe(depth)
