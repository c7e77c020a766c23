import base64
import unittest

import tests_path  # noqa: F401

from hanabi_runner.failure import Failure
from hanabi_runner.outputs import CHUNK_CHARS, NAME_CHARS, events_of, files_of


class Files(unittest.TestCase):
    def test_the_three_shapes_mean_the_same(self):
        expected = [("a.txt", b"text"), ("b", b"\0\xff")]
        for value in (
            {"a.txt": "text", "b": b"\0\xff"},
            [("a.txt", "text"), ("b", b"\0\xff")],
            [["a.txt", "text"], ("b", bytearray(b"\0\xff"))],
            (("a.txt", "text"), {"name": "b", "data": memoryview(b"\0\xff")}),
            [{"name": "a.txt", "data": "text"}, {"name": "b", "data": b"\0\xff"}],
        ):
            with self.subTest(value=value):
                self.assertEqual(files_of(value), expected)

    def test_no_files_are_fine(self):
        self.assertEqual(files_of({}), [])
        self.assertEqual(files_of([]), [])

    def test_memory_views_of_any_kind_are_flattened(self):
        view = memoryview(bytes(range(8)))
        self.assertEqual(files_of({"a": view[::2]}), [("a", b"\0\2\4\6")])
        self.assertEqual(files_of({"a": view.cast("H")}), [("a", bytes(range(8)))])

    def test_of_a_name_that_the_host_would_refuse_the_leaf_is_kept(self):
        self.assertEqual(files_of({"n" * NAME_CHARS: b""}), [("n" * NAME_CHARS, b"")])
        for folder in ("a/" * NAME_CHARS, "a\\" * NAME_CHARS):
            self.assertEqual(files_of({folder + "leaf.txt": b""}), [("leaf.txt", b"")])
        self.assertEqual(files_of({"\U0001f386" * 9000: b""}), [("\U0001f386" * NAME_CHARS, b"")])

    def test_anything_else_is_told_precisely(self):
        for value, words in (
            (None, "returned nothing"),
            (7, "an int"),
            ("text", "a str"),
            (iter([]), "a list_iterator"),
            ({1: b""}, "a name in the dict is an int"),
            ({"a": None}, "the data of 'a' is None"),
            ({"a": ["x"]}, "the data of 'a' is a list"),
            ([("a",)], "item 0 of the list is a tuple"),
            ([("a", b""), "b"], "item 1 of the list is a str"),
            ([{"name": "a"}], "lacks 'data'"),
            ([(b"a", b"")], "a name in item 0 is a bytes"),
            ({"a": "\ud800"}, "UTF-8 cannot hold"),
        ):
            with self.subTest(value=value), self.assertRaises(Failure) as caught:
                files_of(value)
            self.assertEqual(caught.exception.reason, "bad_return")
            self.assertIn(words, caught.exception.message)


class Events(unittest.TestCase):
    def test_progress(self):
        for item, pct, message in (
            ({"pct": 10, "message": "m"}, 10.0, "m"),
            ({"pct": 10}, 10.0, ""),
            ({"pct": -5, "message": ""}, 0.0, ""),
            ({"pct": float("inf"), "message": "x" * 9000}, 100.0, "x" * 4000),
        ):
            self.assertEqual(events_of(item), [{"kind": "progress", "pct": pct, "message": message}])

    def test_output(self):
        def output(chunk, encoding):
            return [{"kind": "output", "chunk": chunk, "encoding": encoding}]

        self.assertEqual(events_of({"output": "t"}), output("t", "text"))
        self.assertEqual(events_of({"output": ""}), output("", "text"))
        self.assertEqual(events_of({"output": "AA==", "encoding": "base64"}), output("AA==", "base64"))
        self.assertEqual(events_of({"output": b"\0"}), output("AA==", "base64"))
        self.assertEqual(events_of({"output": b"\0", "encoding": "text"}), output("AA==", "base64"))

    def test_large_output_is_cut_into_pieces_that_stand_alone(self):
        data = bytes(range(256)) * 1000
        events = events_of({"output": data})
        self.assertGreater(len(events), 1)
        self.assertTrue(all(len(event["chunk"]) <= CHUNK_CHARS for event in events))
        self.assertEqual(b"".join(base64.b64decode(event["chunk"]) for event in events), data)

    def test_anything_else_is_told_precisely(self):
        for item, words in (
            ("half", "yielded a str"),
            (None, "yielded None"),
            ({}, "yielded a dict"),
            ({"pct": "10"}, "'pct' is a str"),
            ({"pct": True}, "'pct' is a bool"),
            ({"pct": float("nan")}, "'pct' is a float"),
            ({"pct": 1, "message": 2}, "'message' is an int"),
            ({"output": 1}, "'output' is an int"),
            ({"output": "x", "encoding": "hex"}, "'encoding' is 'hex'"),
        ):
            with self.subTest(item=item), self.assertRaises(Failure) as caught:
                events_of(item)
            self.assertIn(words, caught.exception.message)


if __name__ == "__main__":
    unittest.main()
