import dataclasses
import unittest

import tests_path  # noqa: F401

from hanabi_workflow.sandbox import RestrictionContext, SandboxImportNotificationPolicy, SandboxMatcher, SandboxRestrictions

IMPORT = RestrictionContext()
RUNTIME = RestrictionContext(is_runtime=True)


def nested(*path, **fields):
    return SandboxMatcher.nested_child(path, SandboxMatcher(**fields))


class Matching(unittest.TestCase):
    def test_access_matches_as_soon_as_it_is_looked_up_and_use_only_once_it_is_used(self):
        matcher = nested("m", access={"a"}, use={"u"})
        self.assertTrue(matcher.match_access(IMPORT, "m", "a"))
        self.assertFalse(matcher.match_access(IMPORT, "m", "u"))
        self.assertTrue(matcher.match_access(IMPORT, "m", "u", include_use=True))
        self.assertFalse(matcher.match_access(IMPORT, "m"))
        self.assertFalse(matcher.match_access(IMPORT, "n", "a"))
        self.assertTrue(matcher.match_access(IMPORT, "m", "a", "below"))

    def test_an_asterisk_means_every_name(self):
        self.assertTrue(nested("m", access={"*"}).match_access(IMPORT, "m", "x"))
        self.assertTrue(nested("m", use={"*"}).match_access(IMPORT, "m", "x", include_use=True))
        any_child = SandboxMatcher(children={"*": SandboxMatcher(access={"x"}), "own": SandboxMatcher.none})
        self.assertTrue(any_child.match_access(IMPORT, "m", "x"))
        self.assertTrue(nested("m", children={"*": SandboxMatcher.all}).match_access(IMPORT, "m", "q"))

    def test_what_is_excluded_never_matches(self):
        matcher = SandboxMatcher(children={"m": SandboxMatcher(access={"*"}, exclude={"free"})})
        self.assertFalse(matcher.match_access(RUNTIME, "m", "free"))
        self.assertTrue(matcher.match_access(RUNTIME, "m", "bound"))

    def test_only_runtime_sleeps_while_modules_are_loaded(self):
        matcher = nested("m", access={"a"}, only_runtime=True)
        self.assertFalse(matcher.match_access(IMPORT, "m", "a"))
        self.assertTrue(matcher.match_access(RUNTIME, "m", "a"))
        self.assertFalse(SandboxMatcher.all_runtime.match_access(IMPORT))
        self.assertTrue(SandboxMatcher.all_runtime.match_access(RUNTIME))

    def test_the_constants(self):
        self.assertTrue(SandboxMatcher.all.match_access(IMPORT, "x"))
        self.assertFalse(SandboxMatcher.none.match_access(RUNTIME, "x", include_use=True))
        self.assertFalse(SandboxMatcher.all_uses.match_access(IMPORT, "x"))
        self.assertTrue(SandboxMatcher.all_uses.match_access(IMPORT, "x", include_use=True))
        self.assertFalse(SandboxMatcher.all_uses_runtime.match_access(IMPORT, "x", include_use=True))
        self.assertTrue(SandboxMatcher.all_uses_runtime.match_access(RUNTIME, "x", include_use=True))

    def test_the_child_matcher(self):
        matcher = SandboxMatcher(children={"m": SandboxMatcher(use={"u"}, exclude={"e"}, only_runtime=True)})
        self.assertIs(matcher.child_matcher("m", "u"), SandboxMatcher.all_runtime)
        self.assertIsNone(matcher.child_matcher("m", "e"))
        self.assertIsNone(matcher.child_matcher("m", "x"))
        self.assertIsNone(matcher.child_matcher("n"))
        self.assertEqual(matcher.child_matcher("m"), matcher.children["m"])

    def test_a_message_or_a_warning_needs_a_leaf(self):
        for fields in ({"leaf_message": "m"}, {"leaf_warning": UserWarning}):
            with self.subTest(fields), self.assertRaises(ValueError):
                SandboxMatcher(**fields)
            SandboxMatcher(match_self=True, **fields)


class Combining(unittest.TestCase):
    def test_or_takes_all_of_both(self):
        both = nested("m", access={"a"}, exclude={"x"}) | SandboxMatcher(children={"m": SandboxMatcher(use={"u"}), "n": SandboxMatcher.all})
        node = both.children["m"]
        self.assertEqual((node.access, node.use, node.exclude), ({"a"}, {"u"}, {"x"}))
        self.assertTrue(both.match_access(IMPORT, "n"))
        self.assertTrue((SandboxMatcher.none | SandboxMatcher.all).match_self)

    def test_or_refuses_what_has_no_common_meaning(self):
        leaf = {"match_self": True}
        for one, other in (
            (SandboxMatcher(only_runtime=True), SandboxMatcher()),
            (SandboxMatcher(**leaf, leaf_message="a"), SandboxMatcher(**leaf, leaf_message="b")),
            (SandboxMatcher(**leaf, leaf_warning=UserWarning), SandboxMatcher(**leaf)),
        ):
            with self.subTest(one), self.assertRaises(ValueError):
                one | other

    def test_a_child_is_unrestricted_in_a_copy(self):
        matcher = nested("m", access={"a"}, use={"u"}, children={"c": SandboxMatcher.all})
        for name in ("a", "u", "c"):
            free = matcher.with_child_unrestricted("m", name)
            self.assertTrue(matcher.match_access(RUNTIME, "m", name, include_use=True))
            self.assertFalse(free.match_access(RUNTIME, "m", name, include_use=True), name)
        self.assertIs(matcher.with_child_unrestricted("other", "a"), matcher)
        with self.assertRaises(ValueError):
            matcher.with_child_unrestricted()

    def test_all_of_it_is_immutable(self):
        with self.assertRaises(dataclasses.FrozenInstanceError):
            SandboxMatcher.all.match_self = False
        with self.assertRaises(dataclasses.FrozenInstanceError):
            SandboxRestrictions.default.passthrough_modules = frozenset()


class Restrictions(unittest.TestCase):
    def test_the_default_names_what_differs_and_passes_the_standard_library_through(self):
        members = SandboxRestrictions.invalid_module_members_default
        for path in ("time.time", "datetime.datetime.now", "random.random", "__builtins__.open", "os.environ", "threading.Thread.start"):
            self.assertTrue(members.match_access(RUNTIME, *path.split("."), include_use=True), path)
        for path in ("os.path.join", "datetime.datetime", "random.Random", "math.pi", "time.struct_time"):
            self.assertFalse(members.match_access(RUNTIME, *path.split(".")), path)
        default = SandboxRestrictions.default
        self.assertTrue(default.passes_through("json") and default.passes_through("os.path"))
        self.assertTrue(default.passes_through("temporalio.workflow"))
        self.assertFalse(default.passes_through("jsonish") or default.passes_through("pydantic.fields"))

    def test_three_ways_make_new_restrictions(self):
        default = SandboxRestrictions.default
        listed = default.with_passthrough_modules("pydantic")
        self.assertTrue(listed.passes_through("pydantic.fields"))
        self.assertTrue(default.with_passthrough_all_modules().passes_through("anything"))
        silent = default.with_import_notification_policy(SandboxImportNotificationPolicy.SILENT)
        self.assertEqual(silent.import_notification_policy, SandboxImportNotificationPolicy.SILENT)
        self.assertFalse(default.passes_through("pydantic"))


if __name__ == "__main__":
    unittest.main()
