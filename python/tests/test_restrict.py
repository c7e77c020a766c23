"""What the restricted language says where it refuses, and with which line."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import tests_path

from hanabi_runner.restrict.check import Refused, check_source
from hanabi_runner.restrict.facades import Facade
from hanabi_runner.restrict.importer import installed_libraries
from hanabi_runner.restrict.policy import MODULES, POLICY
from hanabi_runner.restrict.worker_code import load_restricted

# As the guide prints it.
OS_TEXT = (
    "Import of os is not allowed in worker sandbox. Allowed: ['base64', 'collections', 'copy', 'datetime', 'decimal', "
    "'functools', 'hashlib', 'hmac', 'itertools', 'json', 'math', 'random', 're', 'statistics', 'time']"
)


def run(text, lines=None):
    return load_restricted(text.encode(), "main.py", Facade("ctx", {}), (lines if lines is not None else []).append)


class Findings(unittest.TestCase):
    def test_each_has_its_line_and_rule(self):
        text = "import math\n\ndef tick(ctx):\n    import os\n    open('x')\n    return (x for x in ()).gi_frame, ctx.__class__.__base__\n"
        found = [(item["line"], item["rule"]) for item in check_source(text.encode())]
        self.assertEqual(found, [(4, "import"), (5, "builtin"), (6, "attribute"), (6, "attribute")])
        self.assertEqual(check_source(text.encode())[0]["message"], OS_TEXT)

    def test_columns_count_from_one(self):
        self.assertEqual([(f["line"], f["column"]) for f in check_source(b"x = 1\ny = x.__dict__\n")], [(2, 5)])

    def test_hints_say_what_to_use(self):
        self.assertTrue(check_source(b"open('x')")[0]["message"].endswith("; use ctx.files"))
        self.assertTrue(check_source(b"import socket")[0]["message"].endswith("; use ctx.http"))

    def test_names_of_ones_own_are_no_builtins(self):
        self.assertEqual(check_source(b"def open(name):\n    return name\n\nopen('x')\n"), [])

    def test_what_cannot_be_parsed_is_a_finding(self):
        for source, rule in (
            (b"def tick(:\n", "syntax"),
            (b"x = '\xff'", "encoding"),
            (b"\x00", "syntax"),
            (b"# " + b"x" * POLICY["source_bytes_max"], "size"),
            (b"x = " + b"(" * 5000 + b")" * 5000, "syntax"),
            (b"x = " + b"-" * 3000 + b"1", "syntax"),
            (b"x = 1" + b" + 1" * 3000, "syntax"),
        ):
            with self.subTest(source[:20]):
                self.assertEqual([finding["rule"] for finding in check_source(source)], [rule])

    def test_a_coding_line_changes_nothing(self):
        self.assertEqual(check_source("# coding: latin-1\nx = 'ä'\n".encode()), [])

    def test_the_command_prints_them_as_json(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "main.py"
            path.write_text("import os\n")
            command = [sys.executable, "-m", "hanabi_runner.restrict.check", str(path)]
            ended = subprocess.run(command, capture_output=True, cwd=tests_path.PYTHON, check=False)
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(json.loads(ended.stdout), [{"line": 1, "column": 8, "rule": "import", "message": OS_TEXT}])


class RunTime(unittest.TestCase):
    def test_a_source_with_findings_is_not_run(self):
        lines = []
        with self.assertRaises(Refused) as caught:
            run("print('ran')\nimport os\n", lines)
        self.assertEqual((str(caught.exception), lines), (f"line 2: {OS_TEXT}", []))

    def test_an_import_by_name_says_the_same(self):
        with self.assertRaises(ImportError) as caught:
            run("__import__('o' + 's')")
        self.assertEqual(str(caught.exception).partition(" Allowed")[0], OS_TEXT.partition(" Allowed")[0])

    def test_an_import_of_a_library_may_fail_and_then_says_what_is_allowed(self):
        lines = []
        run("try:\n    import pandas\nexcept Exception as error:\n    print(error)\nelse:\n    print('installed')\n", lines)
        said = "installed" if "pandas" in installed_libraries() else "Import of pandas is not allowed in worker sandbox."
        self.assertTrue(lines[0].startswith(said))

    def test_each_module_gives_all_members_but_those_of_other_versions(self):
        for name, module in MODULES.items():
            if module.get("library"):
                continue
            with self.subTest(name):
                lines = []
                run(f"import {name} as module\nprint([n for n in {module['members']} if not hasattr(module, n)])", lines)
                newer = {"fma", "sumprod", "batched", "binomialvariate", "ConversionSyntax", "DivisionImpossible", "DivisionUndefined", "InvalidContext"}
                self.assertLessEqual(set(json.loads(lines[0].replace("'", '"'))), newer)

    def test_print_goes_to_the_log(self):
        lines = []
        run("print('a', 1, sep='-')\nprint()\nprint('x', end='')\nprint('two\\nlines')", lines)
        self.assertEqual(lines, ["a-1", "", "x", "two\nlines"])

    def test_only_the_builtins_of_the_policy_are_there(self):
        for name in POLICY["builtins"]:
            run(name)
        for name in ("object", "property", "bytes", "setattr", "dir", "BaseException", "AttributeError"):
            with self.subTest(name), self.assertRaises(Refused):
                run(name)

    def test_functions_of_c_may_import_for_themselves(self):
        lines = []
        run("import time, datetime\nprint(time.strptime('2026', '%Y').tm_year, datetime.datetime.strptime('7', '%d').day)", lines)
        self.assertEqual(lines, ["2026 7"])


if __name__ == "__main__":
    unittest.main()
