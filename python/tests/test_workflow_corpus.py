"""The corpus: what differs on replay is refused or made the same; what is innocent is left alone."""

import json
import os
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "workflow_corpus"

# Known ways out: changes inside of objects that modules share, and sets of things that hash by address. They are
# named here so that a new one is noticed; docs/limitations.md tells authors of them.
KNOWN_ESCAPES = {
    "a container of a shared module",
    "a class of a shared module",
    "the dictionary of a shared module",
    "the order of a set of types",
}


def play(file, how, surroundings):
    environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "TZ": "UTC", **surroundings}
    command = [sys.executable, str(CORPUS / "play.py"), str(CORPUS / file), how]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


class Corpus(unittest.TestCase):
    def test_what_differs_is_refused_or_made_the_same(self):
        with ThreadPoolExecutor() as pool:
            first, second = pool.map(lambda value: play("nondeterministic.txt", "sandboxed", {"HANABI_CORPUS": value}), "ab")
        escaped = {name for name in first if len({*first[name], *second[name]}) > 1}
        self.assertEqual(escaped, KNOWN_ESCAPES)
        self.assertGreaterEqual(len(first), 80)
        failed = [name for name in first if first[name][0].startswith("failed") and name not in KNOWN_ESCAPES]
        self.assertEqual(failed, [])

    def test_what_is_innocent_answers_as_it_does_outside(self):
        with ThreadPoolExecutor() as pool:
            inside, outside = pool.map(lambda how: play("innocent.txt", how, {}), ("sandboxed", "plain"))
        self.assertGreaterEqual(len(inside), 40)
        for name, results in inside.items():
            with self.subTest(name):
                self.assertEqual(results, outside[name] * 2)
                self.assertNotIn("failed", results[0][:6])


if __name__ == "__main__":
    unittest.main()
