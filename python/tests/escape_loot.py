"""Whether what an escape brought home is something that no program of the restricted language may hold."""

import builtins
import types

_CLASSES = (type, object, types.FunctionType, types.CodeType, types.ModuleType, types.FrameType, types.CellType)
FUNCTIONS = tuple(getattr(builtins, name) for name in ("open", "eval", "exec", "compile", "globals", "vars", "setattr", "breakpoint", "__import__"))
_INSTANCES = (types.ModuleType, types.FrameType, types.CodeType, types.CellType)
_TEXTS = ("<class 'object'>", "<class 'int'>", "'__builtins__'", "<module ", "<frame ", "<code ", "Uid:", "escaped", "__import__")


def is_loot(value):
    if isinstance(value, (list, tuple)):
        return any(is_loot(item) for item in value)
    if isinstance(value, str):
        return any(text in value for text in _TEXTS)
    if isinstance(value, dict):
        return "__builtins__" in value or "__import__" in value or is_loot(list(value.values())[:1])
    if isinstance(value, _INSTANCES) or any(value is known for known in FUNCTIONS):
        return True
    return any(value is known for known in _CLASSES) or getattr(value, "__name__", None) == "decoder"
