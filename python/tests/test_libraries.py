"""The restricted language with numpy and pandas: what is on offer works, and is no way out."""

import importlib
import types
import unittest
import warnings
from pathlib import Path

from escape_loot import FUNCTIONS, is_loot
from test_escapes import attempt, in_child, make_ctx, restricted

from hanabi_runner.restrict.facades import Facade, facade_of
from hanabi_runner.restrict.importer import installed_libraries
from hanabi_runner.restrict.policy import WATCHED, is_refused_attribute
from hanabi_runner.restrict.worker_code import load_restricted

FOLDER = Path(__file__).parent
ESCAPES = sorted((FOLDER / "escapes_libraries").glob("*.py"))
INNOCENT = sorted((FOLDER / "innocent_libraries").glob("*.py"))

LIBRARIES = installed_libraries()


@unittest.skipUnless(set(LIBRARIES) == {"numpy", "pandas"}, "needs python3-pandas")
class Libraries(unittest.TestCase):
    def setUp(self):
        warnings.simplefilter("ignore")

    def test_none_gets_out(self):
        for path in ESCAPES:
            with self.subTest(path.stem):
                self.assertFalse(in_child(lambda: is_loot(attempt(lambda: restricted(path.read_bytes())))))

    def test_innocent_programs_work(self):
        for path in INNOCENT:
            with self.subTest(path.stem):
                ctx = make_ctx()
                program = load_restricted(path.read_bytes(), path.name, ctx, lambda line: None)
                self.assertEqual(program["tick"](ctx), program["EXPECTED"])

    def test_no_attribute_of_theirs_leads_to_a_module(self):
        for library in LIBRARIES:
            with self.subTest(library):
                self.assertEqual(leads(library), [])


def samples(library):
    module = importlib.import_module(library)
    if library == "numpy":
        return [module.arange(3), module.float64(1), module.random.default_rng(), module.arange(3).flat]
    frame = module.DataFrame({"a": [1, 2], "b": list("xy"), "t": module.date_range("2026", periods=2, tz="UTC")})
    of_frame = [frame, frame["a"], frame["b"].str, frame["t"].dt, frame.groupby("a"), frame.rolling(2), frame.loc]
    return [*of_frame, frame.resample("D", on="t"), module.Timestamp("2026", tz="Europe/Berlin"), module.Period("2026")]


def leads(library, depth_max=2):
    """Everything a program can read there by attributes, two steps deep: the paths to what it may not hold."""
    found, seen = [], {}
    waiting = [(library, facade_of(library), 0), *((type(one).__name__, one, 0) for one in samples(library))]
    while waiting:
        path, value, depth = waiting.pop()
        if id(value) in seen:
            continue
        # Held, so that no other object gets its id.
        seen[id(value)] = value
        if isinstance(value, types.ModuleType) or any(value is function for function in FUNCTIONS):
            found.append(path)
        elif depth < depth_max:
            waiting.extend((f"{path}.{name}", read, depth + 1) for name, read in attributes_of(value))
    return found


def attributes_of(value):
    names = object.__getattribute__(value, "__dict__") if isinstance(value, Facade) else dir(value)
    for name in names:
        # Those that are watched have guards of their own.
        if name.startswith(" ") or is_refused_attribute(name) or name in WATCHED:
            continue
        try:
            yield name, getattr(value, name)
        except Exception:
            continue


if __name__ == "__main__":
    unittest.main()
