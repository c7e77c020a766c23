import py_compile
import sys
import tempfile
import unittest
from pathlib import Path

import tests_path  # noqa: F401

from hanabi_runner import failure
from hanabi_runner.failure import Failure, format_traceback
from hanabi_runner.loader import load_worker


class Loading(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        before = (list(sys.path), list(sys.path_hooks), set(sys.modules))
        self.addCleanup(self.restore, *before)

    def restore(self, path, hooks, modules):
        sys.path[:] = path
        sys.path_hooks[:] = hooks
        for name in set(sys.modules) - modules:
            del sys.modules[name]
        sys.path_importer_cache.clear()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def load(self, entry):
        return load_worker(entry, [], str(self.root))

    def test_neighbours_are_importable_and_the_module_is_known_by_its_name(self):
        self.write("worker/helper_of_test.py", "VALUE = 7\n")
        self.write("worker/entry_of_test.py", "import helper_of_test\ndef run(i, o):\n    return helper_of_test.VALUE\n")
        module = self.load("worker/entry_of_test.py")
        self.assertEqual(module.run({}, {}), 7)
        self.assertIs(sys.modules["entry_of_test"], module)
        self.assertEqual(module.__file__, str(self.root / "worker/entry_of_test.py"))

    def test_compiled_files_in_the_package_are_never_run(self):
        path = self.write("worker/helper_of_test.py", "VALUE = 'other'\n")
        py_compile.compile(str(path), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        self.write("worker/helper_of_test.py", "VALUE = 'reviewed'\n")
        self.write("worker/entry_of_test.py", "from helper_of_test import VALUE\n")
        self.assertEqual(self.load("worker/entry_of_test.py").VALUE, "reviewed")

    def test_what_cannot_be_loaded_says_why(self):
        self.write("broken_of_test.py", "x = 1\ndef run(:\n")
        self.write("raising_of_test.py", "raise LookupError('at import')\n")
        self.write("hungry_of_test.py", "raise MemoryError\n")
        for entry, reason, words in (
            ("missing_of_test.py", "load", "there is no missing_of_test.py"),
            ("broken_of_test.py", "load", "line 2"),
            ("raising_of_test.py", "load", "LookupError: at import"),
            ("hungry_of_test.py", "memory", "MemoryError"),
        ):
            with self.subTest(entry), self.assertRaises(Failure) as caught:
                self.load(entry)
            self.assertEqual(caught.exception.reason, reason)
            self.assertIn(words, caught.exception.message)


class Tracebacks(unittest.TestCase):
    def raised(self, code, filename="/module/worker/main.py"):
        try:
            exec(compile(code, filename, "exec"), {})
        except BaseException as error:
            return error

    def test_frames_of_the_runner_are_left_out_everywhere(self):
        inner = "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('outer') from error\n"
        hidden = compile("raise_it()", "/runner/hanabi_runner/profiles/job.py", "exec")
        try:
            exec(hidden, {"raise_it": lambda: exec(compile(inner, "/module/worker/main.py", "exec"))})
        except ValueError as error:
            text = format_traceback(error)
        self.assertIn('File "worker/main.py", line 2', text)
        self.assertIn('File "worker/main.py", line 4', text)
        self.assertIn("ZeroDivisionError", text)
        self.assertNotIn("/runner/", text)

    def test_an_exception_that_cannot_be_shown_is_still_named(self):
        error = self.raised("class Odd(Exception):\n    def __str__(self):\n        raise RuntimeError\nraise Odd\n")
        self.assertIn("Odd", failure.describe(error))
        self.assertIn("Odd", format_traceback(error))

    def test_groups_and_endless_recursion(self):
        group = self.raised("raise ExceptionGroup('several', [ValueError('one'), KeyError('two')])\n")
        self.assertIn("KeyError: 'two'", format_traceback(group))
        endless = self.raised("def f():\n    f()\nf()\n")
        self.assertIn("RecursionError", format_traceback(endless))
        self.assertLess(len(format_traceback(endless)), failure.TRACEBACK_CHARS_MAX)


if __name__ == "__main__":
    unittest.main()
