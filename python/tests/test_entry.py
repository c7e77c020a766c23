import functools
import subprocess
import types
import unittest

import tests_path  # noqa: F401

from hanabi_runner.entry import find_entry, takes_ctx
from hanabi_runner.failure import Failure, describe


def module(**names):
    return types.SimpleNamespace(**names)


class Finding(unittest.TestCase):
    def test_run_streaming_wins(self):
        def run(inputs, options):
            pass

        def run_streaming(in_dir, out_dir, options):
            pass

        self.assertEqual(find_entry(module(run=run), "m.py"), (run, False))
        self.assertEqual(find_entry(module(run_streaming=run_streaming), "m.py"), (run_streaming, True))
        self.assertEqual(find_entry(module(run=run, run_streaming=run_streaming), "m.py"), (run_streaming, True))
        self.assertEqual(find_entry(module(run=run, run_streaming=3), "m.py"), (run, False))

    def test_what_cannot_be_called_is_named(self):
        for names, words in (
            ({}, "m.py has no function named run or run_streaming"),
            ({"run": "x"}, "a str named run, which cannot be called"),
            ({"run_streaming": 3, "run": ()}, "an int named run_streaming, which cannot be called and a tuple named run"),
        ):
            with self.subTest(words), self.assertRaises(Failure) as caught:
                find_entry(module(**names), "m.py")
            self.assertEqual(caught.exception.reason, "no_run")
            self.assertIn(words, caught.exception.message)


class Context(unittest.TestCase):
    def test_is_for_those_who_have_a_parameter_for_it(self):
        def two(inputs, options):
            pass

        def three(inputs, options, ctx):
            pass

        def optional(inputs, options, ctx=None):
            pass

        def rest(*anything, **named):
            pass

        @functools.wraps(three)
        def wrapped(*args, **kwargs):
            return three(*args, **kwargs)

        class Worker:
            def two(self, inputs, options):
                pass

            def three(self, inputs, options, ctx):
                pass

            def __call__(self, inputs, options, ctx):
                pass

        for function, expected in (
            (two, False),
            (three, True),
            (optional, True),
            (rest, False),
            (wrapped, True),
            (Worker().two, False),
            (Worker().three, True),
            (Worker(), True),
            (print, False),
        ):
            with self.subTest(function):
                self.assertEqual(takes_ctx(function, 2), expected)
        self.assertFalse(takes_ctx(optional, 3))


class MediaTools(unittest.TestCase):
    def test_one_that_is_covered_is_told_with_the_permission_it_needs(self):
        hint = "need the permission worker.native"
        self.assertIn(hint, describe(PermissionError(13, "Permission denied", "ffmpeg")))
        self.assertIn(hint, describe(subprocess.CalledProcessError(127, ["/usr/bin/convert", "-version"])))
        self.assertIn(hint, describe(subprocess.CalledProcessError(127, "gs -v")))
        self.assertNotIn(hint, describe(PermissionError(13, "Permission denied", "/in/a.txt")))
        self.assertNotIn(hint, describe(subprocess.CalledProcessError(1, ["ffmpeg"])))
        self.assertNotIn(hint, describe(ValueError("ffmpeg")))


if __name__ == "__main__":
    unittest.main()
