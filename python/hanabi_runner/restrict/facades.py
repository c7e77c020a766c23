"""What a program gets for `import math`: named members and nothing else.

A real module hands out more than it says: json.codecs leads to builtins, statistics to sys. A facade has no __name__
either: `from x import y` looks up "x.y" among the loaded modules by it where the attribute is missing.
"""

import importlib
import types

from hanabi_runner.restrict.policy import MODULES, is_refused_attribute


def only_for_isinstance(kind):
    """Stands for a class that programs may ask about, and not call: numpy.ndarray makes arrays of any memory."""
    known = _STANDING.get(kind)
    if known is not None:
        return known

    class Standing:
        __slots__ = ()
        __name__ = kind.__name__

        # The class stays in the closure, where no attribute leads.
        def __instancecheck__(self, value):
            return isinstance(value, kind)

        def __subclasscheck__(self, value):
            return issubclass(value, kind)

        def __repr__(self):
            return f"<class '{kind.__name__}'>"

    return _STANDING.setdefault(kind, Standing())


_STANDING = {}


class Facade:
    """Members that can be read, and an __all__ for `import *`."""

    def __init__(self, label, members):
        fields = object.__getattribute__(self, "__dict__")
        fields.update(members)
        fields["__all__"] = tuple(name for name in members if not name.startswith("_"))
        # No name that a program could say.
        fields[" label"] = label

    def __setattr__(self, name, value):
        raise AttributeError(f"{_label(self)} cannot be changed in worker sandbox")

    def __delattr__(self, name):
        raise AttributeError(f"{_label(self)} cannot be changed in worker sandbox")

    def __getattr__(self, name):
        raise AttributeError(f"{_label(self)} has no attribute {name} in worker sandbox")

    def __repr__(self):
        return f"<{_label(self)}>"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


def _label(facade):
    return object.__getattribute__(facade, "__dict__")[" label"]


def facade_of(name):
    """The facade of an allowed module, made of the real one. ImportError where a library is not installed."""
    module = importlib.import_module(name)
    members = _members_of(module, MODULES[name]["members"])
    for part, names in MODULES[name].get("parts", {}).items():
        members[part] = Facade(f"{name}.{part}", _members_of(importlib.import_module(f"{name}.{part}"), names))
    members.update(_REPLACED.get(name, {}))
    for kind in MODULES[name].get("only_for_isinstance", ()):
        members[kind] = only_for_isinstance(getattr(module, kind))
    return Facade(f"module {name}", members)


def _members_of(module, names):
    """A Python of another version may lack some; none of them may be a module, whatever the table says."""
    found = {name: getattr(module, name) for name in names if hasattr(module, name)}
    return {name: value for name, value in found.items() if not isinstance(value, types.ModuleType)}


def _wraps(wrapped, *ignored, **also_ignored):
    return lambda wrapper: _update_wrapper(wrapper, wrapped)


def _update_wrapper(wrapper, wrapped, *ignored, **also_ignored):
    """The names of a function for its wrapper. The original copies whichever attributes it is told."""
    if type(wrapper) is types.FunctionType:
        for name in ("__name__", "__qualname__", "__doc__"):
            text = getattr(wrapped, name, None)
            if type(text) is str:
                setattr(wrapper, name, text)
    return wrapper


def _namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    from collections import namedtuple

    made = namedtuple(typename, field_names, rename=bool(rename), defaults=defaults, module="worker")
    for name in made._fields:
        # Class patterns read attributes by these names, of whatever they are matched with.
        if is_refused_attribute(name):
            raise ValueError(f"Field names cannot be {name!r} in worker sandbox")
    return made


_REPLACED = {
    "functools": {"wraps": _wraps, "update_wrapper": _update_wrapper},
    "collections": {"namedtuple": _namedtuple},
}
