"""`__import__` of a service."""

import importlib
import importlib.util

from hanabi_runner.restrict.facades import Facade, facade_of
from hanabi_runner.restrict.policy import LIBRARIES, MODULES, POLICY, import_sentence

_NOTHING = Facade("module", {})
_INTERNAL = tuple(POLICY["internal_imports"])


def installed_libraries():
    """Those of numpy and pandas that can be imported here."""
    return tuple(name for name in LIBRARIES if importlib.util.find_spec(name) is not None)


def make_import(libraries):
    facades = {}

    def restricted_import(name, globals=None, locals=None, fromlist=(), level=0):
        if type(name) is not str:
            raise TypeError("module name must be a string")
        if level == 0 and name in MODULES and (not MODULES[name].get("library") or name in libraries):
            if name not in facades:
                facades[name] = facade_of(name)
            return facades[name]
        if level == 0 and name.startswith(_INTERNAL):
            return _import_for_library(name, libraries)
        raise ImportError(import_sentence("." * level + name, libraries))

    return restricted_import


def _import_for_library(name, libraries):
    """Functions written in C import on behalf of their caller and then look among the loaded modules themselves; a
    program that asks for the same gets nothing of it."""
    top = name.partition(".")[0]
    if top not in LIBRARIES or top in libraries:
        importlib.import_module(name)
    return _NOTHING
