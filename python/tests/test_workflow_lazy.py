"""Large modules, of which a run gets only what it asks for: nobody can tell the difference."""

import textwrap

from test_workflow_sandbox import SandboxCase

from hanabi_workflow.sandbox.lazy import LazyModule, plan_of, space_of

# Enough definitions that a module with them is worth it.
MANY = "\n".join(f"def f{n}(x=0):\n    return x + {n}\nclass C{n}:\n    made = []" for n in range(20)) + "\n"


class LazyModules(SandboxCase):
    def setUp(self):
        super().setUp()
        # sys.path is known by name, and each test has a file of its own.
        self.name = f"large_{id(self)}"

    def write_large(self, code=""):
        self.write(f"{self.name}.py", MANY + textwrap.dedent(code))

    def importing(self, code):
        return f"import {self.name} as large\n{code}"

    def load(self, code):
        """The module `large` as a run has it, and the run."""
        self.write_large(code)
        run, module = self.start(self.importing("def main(): return large"))
        with run.executing():
            return run, module.main()

    def test_only_what_is_asked_for_is_defined(self):
        run, large = self.load("def twice(x): return f3(x) * 2 + len(C1.made)")
        self.assertIsInstance(large, LazyModule)
        with run.executing():
            self.assertEqual(large.twice(1), 8)
            self.assertEqual({"f3", "C1", "twice"}, {name for name in space_of(large) if name in plan_of(MANY, "").waiting or name == "twice"})

    def test_every_run_has_its_own(self):
        self.write_large()
        code = self.importing("def main():\n    large.C1.made.append(1); large.C2.extra = large.f1\n    return large.C1, len(large.C1.made)")
        first, second = self.call(code), self.call(code)
        self.assertEqual((first[1], second[1]), (1, 1))
        self.assertIsNot(first[0], second[0])

    def test_all_names_are_there(self):
        run, large = self.load("LIMIT = 3\n__all__ = ['f0', 'C0']")
        with run.executing():
            self.assertTrue({"f0", "C19", "LIMIT"} <= set(dir(large)))
            self.assertTrue(hasattr(large, "f19") and not hasattr(large, "f20") and not hasattr(large, "print"))
            self.assertEqual(large.f19.__name__, "f19")
        run, large = self.load("")
        with run.executing():
            self.assertIn("C7", vars(large))

    def test_star_pickle_and_hints(self):
        self.write_large("class Point:\n    x: int = 0\n    def __eq__(self, other): return self.x == other.x\n")
        code = f"""
        import pickle, typing
        from {self.name} import *
        def main(): return f2(3), pickle.loads(pickle.dumps(Point())) == Point(), typing.get_type_hints(Point)
        """
        self.assertEqual(self.call(code), (5, True, {"x": int}))

    def test_what_is_set_or_deleted_stays_so(self):
        run, large = self.load("def one(): return f1()\ndef two(): return f2()")
        with run.executing():
            large.f1 = lambda: "mine"
            del large.f2
            self.assertEqual(large.one(), "mine")
            self.assertRaises(NameError, large.two)
            self.assertEqual(vars(large)["f1"](), "mine")
            self.assertNotIn("f2", vars(large))

    def test_what_has_effects_is_executed_at_once_and_in_order(self):
        self.write_large(
            """
            seen = []
            def note(thing): seen.append(thing.__name__); return thing
            @note
            def a(): pass
            class Base:
                def __init_subclass__(cls): seen.append(cls.__name__)
            class B(Base): pass
            @note
            class D: pass
            def e(x=note(a)): pass
            """
        )
        self.assertEqual(self.call(self.importing("def main(): return large.seen")), ["a", "B", "D", "a"])

    def test_names_that_hide_others_do_not_wait(self):
        run, large = self.load("def len(x): return 'mine'\ndef f1(): return 'again'\ndef measure(): return len([]), f1()")
        with run.executing():
            self.assertEqual(large.measure(), ("mine", "again"))

    def test_modules_that_look_at_themselves_are_loaded_whole(self):
        for look in ("globals()", "vars()", "dir()", "eval('1')", "C1.__subclasses__()"):
            with self.subTest(look):
                self.assertIsNone(plan_of(MANY + f"def look(): return {look}\n", ""))
        self.assertIsNone(plan_of("def f(): pass\n", ""))

    def test_the_rules_hold_there_too(self):
        self.write_large("import time\ndef now(): return time.time()\n")
        self.refused(self.importing("def main(): return large.now()"))


if __name__ == "__main__":
    import unittest

    unittest.main()
