"""Puts the run-time guards into a tree that has passed the check: where a plain attribute would hand out too much, and
where a class answers for attributes that it does not have."""

import ast

from hanabi_runner.restrict.policy import WATCHED

# No program can say these names: the check refuses them.
ATTRIBUTE_GUARD = "__hanabi_attribute__"
NAME_GUARD = "__hanabi_name__"


class _Rewriter(ast.NodeTransformer):
    def visit_Attribute(self, node):
        self.generic_visit(node)
        if node.attr not in WATCHED or not isinstance(node.ctx, ast.Load):
            return node
        return ast.copy_location(_call(ATTRIBUTE_GUARD, node.value, ast.Constant(node.attr)), node)

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        if node.name == "__getattr__":
            # Libraries written in C ask an object for special names as well, and believe what it answers.
            name = [*node.args.posonlyargs, *node.args.args][1].arg
            at = 1 if ast.get_docstring(node, clean=False) is not None else 0
            guard = ast.copy_location(ast.Expr(_call(NAME_GUARD, ast.Name(name, ast.Load()))), node)
            node.body.insert(at, guard)
        return node


def rewrite(tree):
    return ast.fix_missing_locations(_Rewriter().visit(tree))


def _call(name, *arguments):
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
