"""Each file of escapes/ is one way out of a language of restricted builtins, named after what it does: tick() returns
what it got hold of. None gets hold of anything, and each does in a language that is not restricted."""

import builtins
import os
import unittest

from escape_loot import is_loot
from tests_path import PYTHON

from hanabi_runner.restrict.facades import Facade
from hanabi_runner.restrict.policy import POLICY
from hanabi_runner.restrict.worker_code import load_restricted

ESCAPES = sorted((PYTHON / "tests" / "escapes").glob("*.py"))


def make_ctx():
    """As a service has it: functions that hold something, and no attributes beside them."""
    secret = ["escaped"]

    def write(message):
        return secret and None

    return Facade("ctx", {"log": Facade("ctx.log", {"info": write})})


class PlainCtx:
    """The same without its walls."""

    class log:
        pass

    def __init__(self):
        secret = "escaped"
        self._channel = secret
        self.log = PlainCtx.log()
        self.log.info = lambda message: secret


def attempt(run):
    """What an escape returns, or None where it is stopped."""
    try:
        return run()
    except Exception:
        return None


def restricted(source):
    ctx = make_ctx()
    return load_restricted(source, "escape.py", ctx, lambda line: None)["tick"](ctx)


def unrestricted(source):
    """All of Python, as it is behind the language level."""
    ctx = PlainCtx()
    namespace = {"__name__": "escape", "__builtins__": builtins.__dict__, "ctx": ctx}
    exec(compile(source, "escape.py", "exec"), namespace)
    return namespace["tick"](ctx)


def in_child(action):
    """Whether it came true. Some of them change Python itself: each has a process of its own."""
    pid = os.fork()
    if pid == 0:
        answer = False
        try:
            answer = action()
        finally:
            os._exit(0 if answer else 1)
    return os.waitpid(pid, 0)[1] == 0


class Escapes(unittest.TestCase):
    def test_there_are_enough_of_them(self):
        self.assertGreaterEqual(len(ESCAPES), 80)

    def test_none_gets_out(self):
        for path in ESCAPES:
            with self.subTest(path.stem):
                loot = attempt(lambda: restricted(path.read_bytes()))
                self.assertFalse(is_loot(loot), f"{loot!r:.200}")

    def test_each_would_get_out_of_plain_python(self):
        for path in ESCAPES:
            with self.subTest(path.stem):
                self.assertTrue(in_child(lambda: is_loot(unrestricted(path.read_bytes()))))

    def test_nobody_can_widen_the_policy_by_accident(self):
        self.assertEqual(len(POLICY["builtins"]), 52)
        self.assertFalse({"open", "exec", "eval", "compile", "object", "setattr", "vars"} & set(POLICY["builtins"]))


if __name__ == "__main__":
    unittest.main()
