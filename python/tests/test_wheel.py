import io
import stat
import tempfile
import unittest
import zipfile
from pathlib import Path

import tests_path  # noqa: F401

from hanabi_libraries.request import Refused
from hanabi_libraries.unpack import check_sizes
from hanabi_libraries.wheel import Wheel

FILE = "thing-1.0-py3-none-any.whl"
RECORD = "thing-1.0.dist-info/RECORD"


class Wheels(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def wheel(self, entries, mend=lambda data: data):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in entries:
                archive.writestr(name, data)
        (self.folder / FILE).write_bytes(mend(buffer.getvalue()))
        return Wheel(str(self.folder / FILE), FILE)

    def assert_refused(self, words, make):
        with self.assertRaises(Refused) as caught:
            make()
        self.assertIn(words, str(caught.exception))

    def test_an_empty_one_is_fine(self):
        wheel = self.wheel([(RECORD, f"{RECORD},,\n")])
        self.assertEqual([path for path, _, _ in wheel.files()], [RECORD])

    def test_something_else_is_no_archive(self):
        self.assert_refused("it is no archive", lambda: self.wheel([(RECORD, "")], lambda data: b"not a zip"))

    def test_without_a_list_of_files(self):
        entries = [("thing-1.0.dist-info/METADATA", "")]
        self.assert_refused("no list of its files", lambda: self.wheel(entries))

    def test_a_list_that_is_no_table(self):
        entries = [(RECORD, "x" * 200_000)]
        self.assert_refused("cannot be read", lambda: self.wheel(entries))

    def test_special_files(self):
        for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK):
            info = zipfile.ZipInfo("a")
            info.external_attr = (kind | 0o644) << 16
            self.assert_refused("special file", lambda info=info: self.wheel([(info, ""), (RECORD, "")]))

    def test_names(self):
        for name in ("a//b", "./a", "a/.", "a\tb", "x" * 256, "/".join(["x" * 100] * 11)):
            with self.subTest(name):
                self.assert_refused("was refused", lambda name=name: self.wheel([(name, ""), (RECORD, "")]))

    def test_a_name_that_other_readers_see_in_full(self):
        # zipfile cuts it, so it has to be made by hand.
        mend = lambda data: data.replace(b"aXb", b"a\0b")  # noqa: E731
        self.assert_refused("is no relative path", lambda: self.wheel([("aXb", ""), (RECORD, "")], mend))

    def test_a_local_header_of_another_name(self):
        mend = lambda data: data.replace(b"good.py", b"evil.py", 1)  # noqa: E731
        record = f"good.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n{RECORD},,\n"
        wheel = self.wheel([("good.py", ""), (RECORD, record)], mend)
        self.assert_refused("cannot be read", lambda: [list(wheel.read(info)) for _, info, _ in wheel.files()])

    def test_encryption(self):
        # Bit 0 of the flags, in both headers.
        def mend(data):
            data = bytearray(data)
            data[data.index(b"PK\3\4") + 6] |= 1
            data[data.index(b"PK\1\2") + 8] |= 1
            return bytes(data)

        self.assert_refused("is encrypted", lambda: self.wheel([(RECORD, "")], mend))

    def test_sizes_of_all_together(self):
        wheels = [self.wheel([(RECORD, f"{RECORD},,\n")])] * 2
        check_sizes(wheels, {"files_max": 2, "bytes_max": 1000})
        self.assert_refused("2 files", lambda: check_sizes(wheels, {"files_max": 1, "bytes_max": 1000}))
        self.assert_refused("bytes", lambda: check_sizes(wheels, {"files_max": 2, "bytes_max": 40}))


if __name__ == "__main__":
    unittest.main()
