"""What a worker may return and yield, and how it becomes files and events."""

from hanabi_runner.failure import Failure, named

# A frame holds that much text even when each character needs twelve bytes of JSON. A multiple of four: every piece of
# a base64 text is base64 again.
CHUNK_CHARS = 64 * 1024

# The host takes names up to twice as many UTF-16 units and refuses longer ones as a broken channel.
NAME_CHARS = 2048

SHAPES = "run returns a dict of names to data, a list of (name, data), or a list of {'name', 'data'}"


def files_of(value):
    """The returned files as a list of (name, bytes-like), whichever of the three shapes they came in."""
    if isinstance(value, dict):
        return [_file(name, data, "the dict") for name, data in value.items()]
    if isinstance(value, (list, tuple)):
        return [_file(*_pair(item, index), f"item {index}") for index, item in enumerate(value)]
    if value is None:
        raise _bad("run returned nothing; return the outputs, or {} for none")
    raise _bad(f"run returned {named(value)}; {SHAPES}")


def _pair(item, index):
    if isinstance(item, dict):
        missing = [key for key in ("name", "data") if key not in item]
        if missing:
            raise _bad(f"item {index} of the list lacks '{missing[0]}'; {SHAPES}")
        return item["name"], item["data"]
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return item
    raise _bad(f"item {index} of the list is {named(item)}; {SHAPES}")


def _file(name, data, place):
    if not isinstance(name, str):
        raise _bad(f"a name in {place} is {named(name)}, not str")
    return _bounded(name), as_bytes(data, f"the data of '{name[:100]}'")


def _bounded(name):
    """The host keeps 255 bytes of the leaf anyway."""
    if len(name) <= NAME_CHARS:
        return name
    return name.replace("\\", "/").rpartition("/")[2][:NAME_CHARS]


def as_bytes(data, what):
    if isinstance(data, (bytes, bytearray)):
        return data
    if isinstance(data, memoryview):
        return bytes(data)
    if isinstance(data, str):
        try:
            return data.encode("utf-8")
        except UnicodeEncodeError as error:
            raise _bad(f"{what} is text that UTF-8 cannot hold ({error.reason} at {error.start})") from None
    raise _bad(f"{what} is {named(data)}, not bytes or str")


def events_of(item):
    """The fields of the frames that a yielded dict stands for."""
    if isinstance(item, dict):
        if "output" in item:
            return _output_events(item)
        if "pct" in item:
            return [_progress_event(item)]
    raise _bad(f"run yielded {named(item)}; it yields {{'pct', 'message'}} or {{'output', 'encoding'}}")


def _progress_event(item):
    pct = item["pct"]
    message = item.get("message", "")
    # A bool is an int, NaN equals nothing, and libraries have number types of their own.
    try:
        number = float(pct)
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or isinstance(pct, (str, bytes, bool)) or number != number:
        raise _bad(f"'pct' is {named(pct)}, not a number from 0 to 100")
    if not isinstance(message, str):
        raise _bad(f"'message' is {named(message)}, not str")
    return {"kind": "progress", "pct": min(100.0, max(0.0, number)), "message": message[:4000]}


def _output_events(item):
    chunk = item["output"]
    if isinstance(chunk, str):
        encoding = item.get("encoding", "text")
        if encoding not in ("text", "base64"):
            raise _bad(f"'encoding' is {encoding!r:.100}, not 'text' or 'base64'")
    elif isinstance(chunk, (bytes, bytearray, memoryview)):
        # Bytes travel as base64, whatever was written beside them.
        from binascii import b2a_base64

        chunk = b2a_base64(chunk, newline=False).decode("ascii")
        encoding = "base64"
    else:
        raise _bad(f"'output' is {named(chunk)}, not str or bytes")
    starts = range(0, len(chunk), CHUNK_CHARS) or (0,)
    return [{"kind": "output", "chunk": chunk[at : at + CHUNK_CHARS], "encoding": encoding} for at in starts]


def _bad(message):
    return Failure("bad_return", message)
