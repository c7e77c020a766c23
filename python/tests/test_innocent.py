"""Ordinary programs: each does in the restricted language what it does in plain Python."""

import builtins
import unittest

from memory_ctx import memory_ctx
from tests_path import PYTHON

from hanabi_runner.restrict.check import check_source
from hanabi_runner.restrict.worker_code import load_restricted

PROGRAMS = sorted((PYTHON / "tests" / "innocent").glob("*.py"))


def run(namespace, ctx):
    if "setup" in namespace:
        namespace["setup"](ctx)
    return [repr(namespace["tick"](ctx)) for _ in range(2)]


class Innocent(unittest.TestCase):
    def test_nothing_is_found_in_them(self):
        for path in PROGRAMS:
            with self.subTest(path.stem):
                self.assertEqual(check_source(path.read_bytes()), [])

    def test_they_do_what_they_do_in_plain_python(self):
        for path in PROGRAMS:
            with self.subTest(path.stem):
                ctx, other = memory_ctx(), memory_ctx()
                plain = {"__name__": "worker", "__builtins__": {**builtins.__dict__, "print": lambda *a, **k: None}}
                exec(compile(path.read_bytes(), path.name, "exec"), plain)
                expected = run(plain, ctx)
                namespace = load_restricted(path.read_bytes(), path.name, other, lambda line: None)
                self.assertEqual(run(namespace, other), expected)


if __name__ == "__main__":
    unittest.main()
