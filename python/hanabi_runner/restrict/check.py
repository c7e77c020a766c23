"""Looks at the source of a service and says what the policy refuses, with the line. It runs nothing of it.

    python -m hanabi_runner.restrict.check FILE    findings as a JSON array; exit 1 where there are any

A finding is {"line", "column", "rule", "message"}, both counted from 1. Parsing the source of a stranger may bring Python
down, so this belongs into a sandbox, too. The same check runs again whenever a service is loaded.
"""

import ast
import builtins
import sys

from hanabi_runner.restrict.policy import (
    BUILTINS,
    CLASS_VARIABLES,
    DEFINABLE,
    METHODS,
    MODULES,
    NAMES,
    NESTING_MAX,
    POLICY,
    SOURCE_BYTES_MAX,
    WATCHED,
    attribute_sentence,
    import_sentence,
    is_dunder,
    is_plain_attribute,
    is_refused_attribute,
)

FINDINGS_MAX = 100

_SYNTAX = {
    ast.AsyncFunctionDef: "async functions are not available in worker sandbox: a tick is a plain function",
    ast.AsyncFor: "async for is not available in worker sandbox",
    ast.AsyncWith: "async with is not available in worker sandbox",
    ast.Await: "await is not available in worker sandbox",
}
_PYTHON_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


class Refused(Exception):
    """The source says what it may not say."""

    def __init__(self, findings):
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"line {first['line']}: {first['message']}{more}")
        self.findings = findings


def parse(source, path):
    """The tree of a source given as bytes. Throws Refused where it cannot be one."""
    if len(source) > SOURCE_BYTES_MAX:
        raise Refused([_finding(1, 1, "size", f"the file is larger than {SOURCE_BYTES_MAX} bytes")])
    try:
        # As text: a coding line must not make Python read other characters than a reviewer saw.
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise Refused([_finding(line, 1, "encoding", "the file is not UTF-8")]) from None
    try:
        tree = ast.parse(text, path)
    except SyntaxError as error:
        raise Refused([_finding(error.lineno or 1, error.offset or 1, "syntax", error.msg)]) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Refused([_finding(1, 1, "syntax", str(error) or "the source is nested too deeply")]) from None
    return tree


def check_tree(tree):
    """All findings, in the order of the source. Whether a library is installed shows when it is imported."""
    return _Check().run(tree)


def check_source(source, path="<service>"):
    try:
        return check_tree(parse(source, path))
    except Refused as refused:
        return refused.findings


class _Check:
    def __init__(self):
        self._findings = []
        self._bound = set()
        self._loaded = []
        self._class_variables = set()

    def run(self, tree):
        self._visit(tree, None, 0)
        for node in self._loaded:
            if node.id not in self._bound and node.id in _PYTHON_BUILTINS and node.id not in BUILTINS:
                hint = POLICY["builtin_hints"].get(node.id, "catch Exception" if _is_exception(node.id) else None)
                self._refuse(node, "builtin", f"{node.id} is not available in worker sandbox{f'; {hint}' if hint else ''}")
        self._findings.sort(key=lambda finding: (finding["line"], finding["column"]))
        return self._findings[:FINDINGS_MAX]

    def _visit(self, node, parent, depth):
        if depth > NESTING_MAX:
            self._refuse(node, "syntax", "the source is nested too deeply")
            return
        sentence = _SYNTAX.get(type(node))
        if sentence:
            self._refuse(node, "syntax", sentence)
        look = getattr(self, f"_at_{type(node).__name__}", None)
        if look:
            look(node, parent)
        for field, value in ast.iter_fields(node):
            self._look_at_names(node, field, value, parent)
            for child in value if isinstance(value, list) else (value,):
                if isinstance(child, ast.AST):
                    self._visit(child, node, depth + 1)

    # Every identifier of the grammar is a str field, whatever node it stands in, so none is overlooked; the few that
    # are no names of variables have a look of their own.
    _NO_VARIABLES = {("Attribute", "attr"), ("Constant", "value"), ("Constant", "kind"), ("ImportFrom", "module"), ("alias", "name")}

    def _look_at_names(self, node, field, value, parent):
        kind = type(node).__name__
        if (kind, field) in self._NO_VARIABLES:
            return
        for name in value if isinstance(value, list) else (value,):
            if not isinstance(name, str):
                continue
            if kind == "MatchClass":
                if not is_plain_attribute(name):
                    self._refuse(node, "attribute", attribute_sentence(name))
            elif kind == "keyword":
                if is_dunder(name):
                    self._refuse(node, "name", f"the argument {name} is not available in worker sandbox")
            else:
                self._look_at_variable(node, name, parent)

    def _look_at_variable(self, node, name, parent):
        is_load = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        if not is_load:
            self._bound.add(name)
        elif not is_dunder(name):
            self._loaded.append(node)
        if not is_dunder(name):
            return
        in_class = isinstance(parent, ast.ClassDef)
        if is_load and (name in NAMES or name in METHODS):
            return
        if in_class and isinstance(node, ast.FunctionDef) and name in DEFINABLE:
            if name == "__getattr__":
                self._check_getattr(node)
            return
        if id(node) in self._class_variables:
            return
        self._refuse(node, "name", f"the name {name} is not available in worker sandbox")

    def _check_getattr(self, node):
        arguments = node.args
        plain = not (arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults or node.decorator_list)
        if not plain or len(arguments.posonlyargs) + len(arguments.args) != 2:
            self._refuse(node, "class", "__getattr__ takes self and a name, without defaults and decorators")

    def _at_ClassDef(self, node, parent):
        for keyword in node.keywords:
            self._refuse(keyword, "class", "metaclasses and other arguments of a class are not available in worker sandbox")
        for statement in node.body:
            if not (isinstance(statement, ast.Assign) and len(statement.targets) == 1):
                continue
            target = statement.targets[0]
            if isinstance(target, ast.Name) and target.id in METHODS | CLASS_VARIABLES:
                self._class_variables.add(id(target))
                if target.id in CLASS_VARIABLES:
                    self._check_class_variable(target.id, statement.value)

    def _check_class_variable(self, name, value):
        """The interpreter reads attributes by these names itself, in class patterns and for slots."""
        if name == "__doc__":
            return
        names = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
        for item in names:
            if not (isinstance(item, ast.Constant) and isinstance(item.value, str)):
                self._refuse(value, "class", f"{name} is a tuple of strings")
            elif not is_plain_attribute(item.value) or is_dunder(item.value):
                self._refuse(item, "attribute", attribute_sentence(item.value))

    def _at_Attribute(self, node, parent):
        name = node.attr
        if is_refused_attribute(name):
            self._refuse(node, "attribute", attribute_sentence(name))
        elif not isinstance(node.ctx, ast.Load) and is_dunder(name):
            self._refuse(node, "attribute", f"the attribute {name} cannot be changed in worker sandbox")
        elif isinstance(parent, ast.AugAssign) and parent.target is node and name in WATCHED:
            # It would be read without its guard.
            self._refuse(node, "attribute", f"write {name} = … in full: it cannot be changed in place in worker sandbox")

    def _at_Import(self, node, parent):
        for alias in node.names:
            self._check_module(alias, alias.name)

    def _at_ImportFrom(self, node, parent):
        name = node.module or ""
        if node.level:
            self._refuse(node, "import", self._import_sentence("." * node.level + name))
        elif self._check_module(node, name):
            members = MODULES[name]["members"]
            for alias in node.names:
                if alias.name != "*" and alias.name not in members and alias.name not in MODULES[name].get("parts", ()):
                    self._refuse(alias, "import", f"{alias.name} of {name} is not available in worker sandbox")
                elif alias.name == "*":
                    self._bound.update(members)

    def _at_alias(self, node, parent):
        self._bound.add((node.asname or node.name).partition(".")[0])

    def _check_module(self, node, name):
        if name in MODULES:
            return True
        self._refuse(node, "import", self._import_sentence(name))
        return False

    def _import_sentence(self, name):
        hint = POLICY["module_hints"].get(name.partition(".")[0])
        return import_sentence(name) + (f"; {hint}" if hint else "")

    def _refuse(self, node, rule, message):
        self._findings.append(_finding(getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1, rule, message))


def _is_exception(name):
    kind = getattr(builtins, name)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _finding(line, column, rule, message):
    return {"line": line, "column": column, "rule": rule, "message": message}


def main(arguments):
    import json

    if len(arguments) != 1:
        print("usage: python -m hanabi_runner.restrict.check FILE", file=sys.stderr)
        return 2
    with open(arguments[0], "rb") as file:
        findings = check_source(file.read(), arguments[0])
    print(json.dumps(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
