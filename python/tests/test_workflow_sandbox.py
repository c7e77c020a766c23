"""One run after another and beside another, in one process."""

import asyncio
import dataclasses
import importlib
import sys
import tempfile
import textwrap
import threading
import time
import unittest
import warnings
from pathlib import Path

import tests_path  # noqa: F401

from hanabi_workflow.sandbox import (
    DisallowedUnintentionalPassthroughError,
    RestrictedWorkflowAccessError,
    SandboxImportNotificationPolicy,
    SandboxMatcher,
    SandboxRestrictions,
    SharedModuleChangeError,
)
from hanabi_workflow.sandbox.run import SandboxRun

DEFAULT = SandboxRestrictions.default


class SandboxCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.files = 0
        sys.path.insert(0, folder.name)
        self.addCleanup(sys.path.remove, folder.name)

    def write(self, name, code):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(code), "utf-8")
        return str(path)

    def start(self, code, restrictions=DEFAULT, *, seed=1, time_s=0):
        """A run of this code, begun: its module, in which functions may be called inside `run.executing()`."""
        self.files += 1
        # sys.path is known by name, and each test has files of its own.
        name = f"case_{id(self)}_{self.files}"
        run = SandboxRun(restrictions, seed=seed, time_ns=lambda: time_s * 10**9)
        module = run.load(name, path=self.write(f"{name}.py", code))
        run.begin()
        return run, module

    def call(self, code, restrictions=DEFAULT, **options):
        run, module = self.start(code, restrictions, **options)
        with run.executing():
            return module.main()

    def refused(self, code, restrictions=DEFAULT):
        with self.assertRaises(RestrictedWorkflowAccessError) as caught:
            self.call(code, restrictions)
        return caught.exception


class Errors(SandboxCase):
    def test_they_name_the_full_path_and_the_remedy(self):
        error = self.refused("import datetime\ndef main(): datetime.datetime.now()")
        self.assertEqual(error.qualified_name, "datetime.datetime.now")
        self.assertIn("Cannot access datetime.datetime.now from inside a workflow", str(error))
        self.assertIn("workflow.now()", str(error))
        self.assertIn("mark the import as pass through", str(error))

    def test_they_name_what_led_there(self):
        error = self.refused("import pathlib\ndef main(): pathlib.Path('/x').exists()")
        self.assertIn("os.stat (through pathlib", str(error))

    def test_a_policy_may_say_it_in_its_own_words_or_only_warn(self):
        leaf = SandboxMatcher(children={"math": SandboxMatcher(children={"sqrt": SandboxMatcher(match_self=True, only_runtime=True, leaf_message="no roots")})})
        members = SandboxRestrictions.invalid_module_members_default | leaf
        code = "import math\ndef main(): return math.sqrt(4)"
        self.assertEqual(str(self.refused(code, dataclasses.replace(DEFAULT, invalid_module_members=members))), "no roots")
        warns = SandboxMatcher(children={"math": SandboxMatcher(children={"sqrt": SandboxMatcher(match_self=True, only_runtime=True, leaf_warning=DeprecationWarning)})})
        with self.assertWarns(DeprecationWarning):
            self.assertEqual(self.call(code, dataclasses.replace(DEFAULT, invalid_module_members=warns)), 2)


class Policies(SandboxCase):
    def with_members(self, matcher):
        return dataclasses.replace(DEFAULT, invalid_module_members=SandboxRestrictions.invalid_module_members_default | matcher)

    def test_a_restriction_is_lifted_by_name(self):
        members = SandboxRestrictions.invalid_module_members_default.with_child_unrestricted("datetime", "date", "today")
        free = dataclasses.replace(DEFAULT, invalid_module_members=members)
        self.assertEqual(self.call("import datetime\ndef main(): return datetime.date.today().year", free, time_s=0), 1970)
        self.refused("import datetime\ndef main(): return datetime.datetime.now()", free)
        members = SandboxRestrictions.invalid_module_members_default.with_child_unrestricted("os", "getpid")
        free = dataclasses.replace(DEFAULT, invalid_module_members=members)
        self.assertGreater(self.call("import os\ndef main(): return os.getpid()", free), 0)

    def test_a_class_of_c_is_restricted_by_piping(self):
        restrictions = self.with_members(SandboxMatcher(children={"datetime": SandboxMatcher(use={"date"})}))
        code = "from datetime import date, datetime\ndef main(): return datetime(2020, 1, 1).year, isinstance(1, date)\ndef made(): return date(2020, 1, 1)"
        run, module = self.start(code, restrictions)
        with run.executing():
            self.assertEqual(module.main(), (2020, False))
            with self.assertRaises(RestrictedWorkflowAccessError) as caught:
                module.made()
        self.assertEqual(caught.exception.qualified_name, "datetime.date")
        self.assertEqual(self.call("from datetime import date\ndef main(): return date(2020, 1, 1).day"), 1)

    def test_constants_functions_and_whole_modules(self):
        for matcher, code in (
            (SandboxMatcher(use={"pi"}), "import math\ndef main(): return math.pi + 1"),
            (SandboxMatcher(use={"floor"}, only_runtime=True), "from math import floor\nfloor(1.5)\ndef main(): return floor(1.5)"),
            (SandboxMatcher.all_uses_runtime, "import math\nmath.ceil(1.5)\ndef main(): return math.ceil(1.5)"),
        ):
            with self.subTest(code):
                self.refused(code, self.with_members(SandboxMatcher(children={"math": matcher})))
                self.call(code)

    def test_access_refuses_the_import_already(self):
        restrictions = self.with_members(SandboxMatcher(children={"math": SandboxMatcher(access={"tau"}), "time": SandboxMatcher(access={"monotonic"})}))
        for code in ("from math import tau\n", "from time import monotonic\n"):
            with self.subTest(code), self.assertRaises(RestrictedWorkflowAccessError):
                self.start(code, restrictions)

    def test_members_of_a_module_that_is_loaded_anew(self):
        self.write("policy_helper.py", "def pure(): return 1\ndef other(): return pure()\n")
        restrictions = self.with_members(SandboxMatcher(children={"policy_helper": SandboxMatcher(use={"pure"})}))
        self.refused("import policy_helper\ndef main(): return policy_helper.pure()", restrictions)
        self.assertEqual(self.call("import policy_helper\ndef main(): return policy_helper.other()", restrictions), 1)

    def test_modules_that_may_not_be_imported(self):
        restrictions = dataclasses.replace(DEFAULT, invalid_modules=SandboxMatcher(access={"sqlite3"}, children={"xml": SandboxMatcher(access={"sax"})}))
        for code in ("import sqlite3", "import xml.sax", "from xml import sax"):
            with self.subTest(code), self.assertRaises(RestrictedWorkflowAccessError):
                self.start(code, restrictions)
        self.start("import xml.dom", restrictions)


class ImportTime(SandboxCase):
    def test_clocks_and_randomness_give_the_values_of_the_run(self):
        code = "import time, uuid, random\nVALUES = time.time(), uuid.uuid4(), random.random()\ndef main(): return VALUES"
        first = self.call(code, time_s=5)
        self.assertEqual(first, self.call(code, time_s=5))
        self.assertEqual(first[0], 5.0)
        self.assertNotEqual(first[1], self.call(code, seed=2)[1])

    def test_threads_and_sockets_are_refused_even_then(self):
        for code in ("import threading\nthreading.Thread(target=print).start()", "import socket\nsocket.socket()", "import sys\nsys.setrecursionlimit(5000)"):
            with self.subTest(code), self.assertRaises(RestrictedWorkflowAccessError):
                self.start(code)

    def test_files_may_be_read(self):
        path = self.write("data.txt", "hello")
        self.assertEqual(self.call(f"with open({path!r}) as file: TEXT = file.read()\ndef main(): return TEXT"), "hello")


class Modules(SandboxCase):
    def test_each_run_has_its_own_and_passthrough_is_shared_by_three_ways(self):
        self.write("pack/__init__.py", "from . import state\nfrom .state import SEEN\n")
        self.write("pack/state.py", "SEEN = []\n")
        plain = "import pack.state\ndef main(): pack.state.SEEN.append(1); return len(pack.SEEN)"
        self.assertEqual([self.call(plain), self.call(plain)], [1, 1])
        block = "from hanabi_workflow.unsafe import unsafe\nwith unsafe.imports_passed_through():\n    import pack.state\ndef main(): pack.state.SEEN.append(1); return len(pack.SEEN)"
        self.assertEqual([self.call(block), self.call(block)], [1, 2])
        self.assertEqual(self.call(plain, DEFAULT.with_passthrough_modules("pack")), 3)
        self.assertEqual(self.call(plain, DEFAULT.with_passthrough_all_modules()), 4)
        self.assertEqual(self.call(plain), 1)

    def test_a_package_that_is_passed_through_keeps_no_child_that_is_not(self):
        self.write("parts/__init__.py", "NAME = 'parts'\n")
        for name in ("shared", "own"):
            self.write(f"parts/{name}.py", "SEEN = []\n")
        importlib.import_module("parts.own")  # as the file of the workflow does when it is imported outside
        block = "from hanabi_workflow.unsafe import unsafe\nwith unsafe.imports_passed_through():\n    from parts import shared\n"
        count = "def main():\n    shared.SEEN.append(1); parts.own.SEEN.append(1)\n    return len(shared.SEEN), len(parts.own.SEEN), parts.NAME"
        by_name = f"{block}import parts\nfrom parts import own\nimport parts\n{count}"
        by_path = f"{block}import parts.own\n{count}"
        counted = [self.call(code) for code in (by_name, by_name, by_path)]
        self.assertEqual(counted, [(1, 1, "parts"), (2, 1, "parts"), (3, 1, "parts")])
        with self.assertRaises(SharedModuleChangeError):
            self.call(f"{block}import parts.own\ndef main(): parts.NAME = 'other'")

    def test_shared_modules_cannot_be_changed_and_own_ones_can(self):
        self.write("changed_helper.py", "VALUE = 1\n")
        self.assertEqual(self.call("import changed_helper\ndef main(): changed_helper.VALUE = 2; return changed_helper.VALUE"), 2)
        for code in ("import json\ndef main(): json.x = 1", "import json\ndef main(): del json.dumps", "import sys\ndef main(): del sys.modules['sys']"):
            with self.subTest(code), self.assertRaises(SharedModuleChangeError):
                self.call(code)

    def test_nothing_of_a_run_is_left_in_the_process(self):
        before = set(sys.modules)
        self.write("left_helper.py", "VALUE = 1\n")
        run, module = self.start("import left_helper\ndef main(): return 1")
        with run.executing():
            self.assertIn("left_helper", sys.modules)
        self.assertEqual({name for name in set(sys.modules) - before if "helper" in name or "case" in name}, set())
        self.assertGreater(time.time(), 10**9)

    def test_a_module_that_fails_to_load_can_be_tried_again(self):
        self.write("broken_helper.py", "import math\nraise LookupError('at import')\n")
        code = "def main():\n    try:\n        import broken_helper\n    except LookupError: pass\n    import broken_helper"
        with warnings.catch_warnings(), self.assertRaises(LookupError):
            warnings.simplefilter("ignore")
            self.call(code)
        with self.assertRaises(ModuleNotFoundError):
            self.call("import no_such_helper\ndef main(): pass")

    def test_notices_about_imports(self):
        self.write("late_helper.py", "VALUE = 1\n")
        late = "def main():\n    import late_helper\n    return late_helper.VALUE"
        with self.assertWarnsRegex(UserWarning, "late_helper was imported after"):
            self.call(late)
        early = "import late_helper\ndef main(): return late_helper.VALUE"
        policy = SandboxImportNotificationPolicy
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.call(early)
            self.call(late, DEFAULT.with_import_notification_policy(policy.SILENT))
            self.call("import json\ndef main():\n    import decimal", DEFAULT)
        with self.assertWarnsRegex(UserWarning, "late_helper is loaded anew"):
            self.call(early, DEFAULT.with_import_notification_policy(policy.WARN_ON_UNINTENTIONAL_PASSTHROUGH))
        with self.assertRaises(DisallowedUnintentionalPassthroughError):
            self.call(early, DEFAULT.with_import_notification_policy(policy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH))
        block = "from hanabi_workflow.unsafe import unsafe, SandboxImportNotificationPolicy as P\nwith unsafe.sandbox_import_notification_policy(P.SILENT):\n    import late_helper\ndef main(): return late_helper.VALUE"
        self.assertEqual(self.call(block, DEFAULT.with_import_notification_policy(policy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH)), 1)


class Unrestricted(SandboxCase):
    CODE = """
        import asyncio, time
        from hanabi_workflow.unsafe import unsafe
        def main():
            with unsafe.sandbox_unrestricted():
                return time.time(), unsafe.is_sandbox_unrestricted()
        async def holding(gate):
            with unsafe.sandbox_unrestricted():
                await gate.wait()
                return time.time()
        async def other():
            return time.time()
        async def spawning(gate):
            with unsafe.sandbox_unrestricted():
                task = asyncio.get_running_loop().create_task(after(gate))
            return task
        async def after(gate):
            await gate.wait()
            return time.time()
    """

    def test_a_block_is_free_and_ends(self):
        run, module = self.start(self.CODE)
        with run.executing():
            seconds, said = module.main()
            self.assertGreater(seconds, 10**9)
            self.assertTrue(said)
            self.assertFalse(run.is_unrestricted())

    def test_while_a_block_awaits_neither_another_task_nor_another_run_is_free(self):
        holder, first = self.start(self.CODE)
        stranger, second = self.start(self.CODE)

        async def play():
            gate = asyncio.Event()
            with holder.executing():
                waiting = asyncio.create_task(first.holding(gate))
                spawned = await asyncio.create_task(first.spawning(gate))
                # Inside of the block now, and awaiting.
                await asyncio.sleep(0)
                with self.assertRaises(RestrictedWorkflowAccessError):
                    await asyncio.create_task(first.other())
                with stranger.executing(), self.assertRaises(RestrictedWorkflowAccessError):
                    await second.other()
                gate.set()
                self.assertGreater(await waiting, 10**9)
                with self.assertRaises(RestrictedWorkflowAccessError):
                    await spawned

        asyncio.run(play())

    def test_other_threads_are_outside(self):
        run, module = self.start("def main(): pass")
        seen = []
        with run.executing():
            thread = threading.Thread(target=lambda: seen.append(time.time()))
            thread.start()
            thread.join()
        self.assertGreater(seen[0], 10**9)


if __name__ == "__main__":
    unittest.main()
