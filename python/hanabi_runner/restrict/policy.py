"""What a service may say, read from policy.json, the one place it is written down. TypeScript reads the same file.

Python source names its attributes in the open, so most of the policy is held by looking at the source (check.py). What
is left are the few roads on which a name is data: getattr, str.format and their like (guards.py).
"""

from hanabi_runner.wire import decode_json


def _read_policy():
    with open(f"{__file__.rpartition('/')[0]}/policy.json", encoding="utf-8") as file:
        return decode_json(file.read().strip())


POLICY = _read_policy()

BUILTINS = frozenset(POLICY["builtins"])
MODULES = POLICY["modules"]
LIBRARIES = tuple(sorted(name for name, module in MODULES.items() if module.get("library")))
STANDARD_MODULES = tuple(sorted(name for name, module in MODULES.items() if not module.get("library")))
ONLY_FOR_ISINSTANCE = frozenset((name, kind) for name in LIBRARIES for kind in MODULES[name].get("only_for_isinstance", ()))
NAMES = frozenset(POLICY["names"])
METHODS = frozenset(POLICY["methods"])
DEFINABLE = METHODS | frozenset(POLICY["methods_defined_only"])
CLASS_VARIABLES = frozenset(POLICY["class_variables"])
# Of objects of libraries alone: what no program may read, what takes the name of another method, and what gives its text
# where it is not told to write it somewhere.
LIBRARY_REFUSED, TAKE_METHOD_NAMES, GIVE_TEXT = (
    frozenset(POLICY["library_attributes"][kind]) for kind in ("refused", "take_method_names", "give_text")
)
WATCHED = frozenset(POLICY["watched_attributes"]) | LIBRARY_REFUSED | TAKE_METHOD_NAMES | GIVE_TEXT
SOURCE_BYTES_MAX = POLICY["source_bytes_max"]
NESTING_MAX = POLICY["nesting_max"]

_REFUSED = frozenset(POLICY["refused_attributes"])
_READABLE = METHODS | frozenset(POLICY["attributes"]) | WATCHED


def is_dunder(name):
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


def is_refused_attribute(name):
    """Whether no program may read it, of whatever object. `name` is a str, and exactly that: a subclass could lie."""
    return name in _REFUSED or (is_dunder(name) and name not in _READABLE)


def is_plain_attribute(name):
    """Whether it may be read without a guard, as the interpreter does in class patterns."""
    return not is_refused_attribute(name) and name not in WATCHED


def attribute_sentence(name):
    return f"the attribute {name} is not available in worker sandbox"


def import_sentence(name, libraries=()):
    """The text of the guide, to the letter; libraries are listed where they are installed."""
    allowed = sorted((*STANDARD_MODULES, *libraries))
    return f"Import of {name} is not allowed in worker sandbox. Allowed: {allowed}"
