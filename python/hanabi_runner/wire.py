"""The frame channel to the host: a 4-byte big-endian length, a kind, a body. The other side is packages/sandbox/src/frames.ts.

Importing json costs as much as starting Python, so its C accelerator is used directly. Frames from here hold strings,
numbers and lists of them; frames from the host hold any JSON.
"""

import posix
from _json import encode_basestring_ascii, make_scanner
from _thread import allocate_lock

FD_IN = 3
FD_OUT = 4

KIND_JSON = 1
KIND_BYTES = 2
BODY_BYTES_MAX = 1024 * 1024
CHUNK_BYTES = 256 * 1024


class WireError(Exception):
    """The bytes are not frames."""


class Channel:
    """Both directions. Belongs to one process: a child that the worker forks must not speak to the host.

    Any thread may write; one thread reads.
    """

    def __init__(self, fd_in=FD_IN, fd_out=FD_OUT):
        self._fd_in = fd_in
        self._fd_out = fd_out
        self._pid = posix.getpid()
        self._writing = allocate_lock()
        posix.set_inheritable(fd_in, False)
        posix.set_inheritable(fd_out, False)

    def belongs_here(self):
        return posix.getpid() == self._pid

    def send(self, **fields):
        frame = encode_frame(KIND_JSON, encode_fields(fields))
        self._check_process()
        with self._writing:
            self._write(frame)

    def send_bytes(self, data):
        """The bytes in as many frames as they need; nothing of them is copied."""
        self._check_process()
        for chunk in _chunks(data):
            with self._writing:
                self._write(encode_header(KIND_BYTES, len(chunk)))
                self._write(chunk)

    def send_request(self, frame, data):
        """A frame and the bytes that belong to it, with nothing of another thread between them."""
        self._check_process()
        with self._writing:
            self._write(frame)
            for chunk in _chunks(data):
                self._write(encode_header(KIND_BYTES, len(chunk)))
                self._write(chunk)

    def receive(self):
        """The next JSON frame."""
        header = self._read(5)
        length = int.from_bytes(header[:4], "big")
        if header[4] != KIND_JSON or length > BODY_BYTES_MAX:
            raise WireError("not a JSON frame")
        return decode_json(self._read(length).decode("utf-8"))

    def receive_bytes(self, length):
        """What follows a frame that announced so many bytes."""
        parts = []
        while length > 0:
            header = self._read(5)
            size = int.from_bytes(header[:4], "big")
            if header[4] != KIND_BYTES or size > length:
                raise WireError("not the bytes that were announced")
            parts.append(self._read(size))
            length -= size
        return b"".join(parts)

    def _check_process(self):
        # Before the lock is taken: another thread may have held it when this process was forked.
        if not self.belongs_here():
            posix._exit(1)

    def _write(self, data):
        try:
            written = posix.write(self._fd_out, data)
            if written < len(data):
                view = memoryview(data)[written:]
                while view:
                    view = view[posix.write(self._fd_out, view) :]
        except OSError:
            posix._exit(1)  # the author closed the channel, or the host does not want to hear more

    def _read(self, length):
        parts = []
        while length > 0:
            part = posix.read(self._fd_in, length)
            if not part:
                raise WireError("the host has gone")
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def _chunks(data):
    view = memoryview(data).cast("B")
    return (view[start : start + CHUNK_BYTES] for start in range(0, len(view), CHUNK_BYTES))


def encode_header(kind, length):
    return length.to_bytes(4, "big") + bytes((kind,))


def encode_frame(kind, body):
    return encode_header(kind, len(body)) + body


def encode_fields(fields):
    """An object of strings, numbers and lists of these as JSON."""
    pairs = (f"{encode_basestring_ascii(name)}:{_encode_value(value)}" for name, value in fields.items())
    return ("{" + ",".join(pairs) + "}").encode("ascii")


def _encode_value(value):
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_encode_value, value))}]"
    return repr(value)


class _ScannerSettings:
    """What the scanner of the json module reads from its decoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = None
    memo = {}


_scan = make_scanner(_ScannerSettings)


def decode_json(text):
    try:
        value, end = _scan(text, 0)
    except (StopIteration, ValueError) as error:
        raise WireError("not JSON") from error
    if end != len(text):
        raise WireError("something follows the JSON")
    return value
