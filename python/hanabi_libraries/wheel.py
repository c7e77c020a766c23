"""One wheel, which may come from anyone: what is in it is checked against its own list before a byte of it is kept."""

import base64
import csv
import hashlib
import io
import stat
import zipfile

from hanabi_libraries.request import Refused

_ALGORITHMS = ("sha256", "sha384", "sha512")
_UNLISTED = ("RECORD", "RECORD.jws", "RECORD.p7s")
_NAME_BYTES_MAX = 255
_PATH_BYTES_MAX = 1024
_METADATA_BYTES_MAX = 16 * 1024 * 1024
_ENCRYPTED = 1


class Wheel:
    def __init__(self, path, file_name):
        self.file_name = file_name
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise self.refused(f"it is no archive ({error})") from None
        self._entries = self._checked_entries()
        self._metadata = self._metadata_folder()
        self._record = self._read_record()

    def refused(self, reason):
        return Refused(f"{self.file_name} was refused: {reason}")

    @property
    def size_bytes(self):
        return sum(info.file_size for info in self._entries.values())

    @property
    def count(self):
        return len(self._entries)

    def files(self):
        """The path of each file in the layer, its entry, and whether it may be executed."""
        data = f"{self._metadata.removesuffix('.dist-info')}.data/"
        for path, info in self._entries.items():
            place = path
            if path.startswith(data):
                kind, _, place = path.removeprefix(data).partition("/")
                if kind not in ("purelib", "platlib"):
                    continue  # scripts, headers and shared data have no place in a layer
            if "__pycache__" not in place.split("/"):
                yield place, info, bool(info.external_attr >> 16 & stat.S_IXUSR)

    def read(self, info):
        """The content of an entry, in pieces; raises at the end when it is not what the list of files says."""
        expected = self._record.get(info.filename)
        digest = hashlib.new(expected[0]) if expected else None
        try:
            with self._zip.open(info) as file:
                while piece := file.read(1024 * 1024):
                    if digest:
                        digest.update(piece)
                    yield piece
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise self.refused(f'"{_shown(info.filename)}" cannot be read ({error})') from None
        except Exception as error:  # zlib.error has no other common base
            raise self.refused(f'"{_shown(info.filename)}" cannot be unpacked ({error})') from None
        if digest and digest.digest() != expected[1]:
            raise self.refused(f'"{_shown(info.filename)}" does not have the hash that RECORD lists')

    def _checked_entries(self):
        entries = {}
        for info in self._zip.infolist():
            # Python cuts a name at a NUL; what other readers see counts, too.
            name = info.orig_filename
            problem = _problem_of_name(name.removesuffix("/")) or _problem_of_kind(info)
            if problem:
                raise self.refused(f'"{_shown(name)}" {problem}')
            if name.endswith("/"):
                continue
            if name in entries:
                raise self.refused(f'"{_shown(name)}" stands in it twice')
            entries[name] = info
        for name in entries:
            parts = name.split("/")
            for depth in range(1, len(parts)):
                if "/".join(parts[:depth]) in entries:
                    raise self.refused(f'"{_shown(name)}" lies below a file')
        return entries

    def _metadata_folder(self):
        folders = {name.partition("/")[0] for name in self._entries if ".dist-info/" in name}
        wanted = _canonical(self.file_name.partition("-")[0])
        for folder in folders:
            if len(folders) == 1 and _canonical(folder.removesuffix(".dist-info").rpartition("-")[0]) == wanted:
                return folder
        raise self.refused("it has not exactly one .dist-info folder, of its own name")

    def _read_record(self):
        path = f"{self._metadata}/RECORD"
        info = self._entries.get(path)
        if info is None or info.file_size > _METADATA_BYTES_MAX:
            raise self.refused("it has no list of its files (RECORD)")
        self._record = {}
        text = b"".join(self.read(info)).decode("utf-8", "replace")
        record = {}
        try:
            rows = [row for row in csv.reader(io.StringIO(text)) if row]
        except csv.Error as error:
            raise self.refused(f"its list of files (RECORD) cannot be read ({error})") from None
        for row in rows:
            name, hash_text = row[0], row[1] if len(row) > 1 else ""
            if name not in self._entries:
                raise self.refused(f'RECORD lists "{_shown(name)}", which is not there')
            algorithm, _, value = hash_text.partition("=")
            if algorithm in _ALGORITHMS:
                record[name] = (algorithm, _decode(value))
        unlisted = {f"{self._metadata}/{name}" for name in _UNLISTED}
        for name in self._entries:
            if name not in record and name not in unlisted:
                raise self.refused(f'RECORD has no hash of "{_shown(name)}"')
        return record


def _problem_of_name(name):
    if not name or name.startswith("/") or "\\" in name or any(ord(char) < 32 or ord(char) == 127 for char in name):
        return "is no relative path"
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "leads elsewhere"
    try:
        lengths = [len(part.encode("utf-8")) for part in parts]
    except UnicodeEncodeError:
        return "is no text"
    if max(lengths) > _NAME_BYTES_MAX or sum(lengths) > _PATH_BYTES_MAX:
        return "is too long"
    return None


def _problem_of_kind(info):
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a special file"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is compressed in a way that wheels are not"
    return None


def _decode(text):
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


def _canonical(name):
    return name.lower().replace("-", "_").replace(".", "_")


def _shown(name):
    return ascii(name)[1:-1][:200]
