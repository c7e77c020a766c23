"""From the source of a service to its functions: checked, guarded, and run with the builtins of the policy."""

import builtins

from hanabi_runner.restrict.check import Refused, check_tree, parse
from hanabi_runner.restrict.guards import (
    ONE_ARGUMENT_TYPE,
    check_name,
    safe_attribute,
    safe_getattr,
    safe_hasattr,
)
from hanabi_runner.restrict.importer import installed_libraries, make_import
from hanabi_runner.restrict.policy import BUILTINS
from hanabi_runner.restrict.rewrite import ATTRIBUTE_GUARD, NAME_GUARD, rewrite


def load_restricted(source, path, ctx, write_line):
    """The namespace of the program, its top level run. `source`: bytes; `write_line(text)` takes what it prints.

    Throws Refused with the findings of the check, or whatever the program itself raises.
    """
    tree = parse(source, path)
    findings = check_tree(tree)
    if findings:
        raise Refused(findings)
    code = compile(rewrite(tree), path, "exec", dont_inherit=True)
    namespace = {"__name__": "worker", "__builtins__": _builtins(write_line), "ctx": ctx}
    exec(code, namespace)
    return namespace


def _builtins(write_line):
    allowed = {name: getattr(builtins, name) for name in BUILTINS}
    allowed.update(
        {
            "type": ONE_ARGUMENT_TYPE,
            "getattr": safe_getattr,
            "hasattr": safe_hasattr,
            "print": _printer(write_line),
            "__import__": make_import(installed_libraries()),
            "__build_class__": builtins.__build_class__,
            ATTRIBUTE_GUARD: safe_attribute,
            NAME_GUARD: check_name,
        }
    )
    return allowed


def _printer(write_line):
    def print_to_log(*values, sep=" ", end="\n", flush=False):
        sep = " " if sep is None else str(sep)
        end = "\n" if end is None else str(end)
        write_line((sep.join(str(value) for value in values) + end).removesuffix("\n"))

    return print_to_log
