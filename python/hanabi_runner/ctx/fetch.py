"""ctx.fetch: the sandbox has no network, so the host makes the request and decides whether it may be made at all."""

import posix
from _thread import allocate_lock, start_new_thread

from hanabi_runner.failure import named
from hanabi_runner.wire import BODY_BYTES_MAX, KIND_JSON, WireError, encode_fields, encode_frame


class FetchError(Exception):
    """There is no answer. `code` is the one of the reference, such as HANABI-N001 when the network is not approved."""

    def __init__(self, code, message):
        super().__init__(f"{message} ({code})")
        self.code = code


# Tracebacks name the class with its module, and where it is defined is nobody's business.
FetchError.__module__ = "hanabi"


class Fetcher:
    """Requests under way by number. Answers come in any order, so one thread reads them and wakes who waits."""

    def __init__(self, channel):
        self._channel = channel
        self._lock = allocate_lock()
        self._waiting = {}
        self._last = 0
        self._is_reading = False

    def fetch(self, method, url, headers, body):
        if not self._channel.belongs_here():
            raise RuntimeError("ctx.fetch works in the process of the worker, not in one that it has forked")
        request = _Request()
        number = self._enter(request)
        try:
            fields = {"kind": "fetch", "id": number, "method": method, "url": url, "headers": headers}
            encoded = encode_fields({**fields, "size_bytes": len(body)})
            if len(encoded) > BODY_BYTES_MAX:
                raise FetchError("HANABI-N005", "The request or its answer is too large: the address and the headers")
            self._channel.send_request(encode_frame(KIND_JSON, encoded), body)
            # A signal handler of the author may raise here; the answer is then dropped when it comes.
            request.answered.acquire()
        finally:
            self._waiting.pop(number, None)
        answer = request.answer
        if answer["kind"] == "refused":
            raise FetchError(answer["code"], answer["message"])
        return {"status": answer["status"], "headers": answer["headers"], "body": request.body}

    def _enter(self, request):
        with self._lock:
            number = self._last + 1
            self._waiting[number] = request
            if not self._is_reading:
                try:
                    start_new_thread(self._read_answers, ())
                except RuntimeError:
                    del self._waiting[number]
                    raise
                self._is_reading = True
            self._last = number
            return number

    def _read_answers(self):
        try:
            while True:
                answer = self._channel.receive()
                body = self._channel.receive_bytes(answer.get("size_bytes", 0))
                request = self._waiting.get(answer["id"])
                if request is not None:
                    request.answer = answer
                    request.body = body
                    request.answered.release()
                # Held any longer it would stay until the next answer.
                del answer, body, request
        except (WireError, OSError):
            posix._exit(1)  # the host has gone, or the author closed the channel: nobody is ever answered


class _Request:
    __slots__ = ("answer", "answered", "body")

    def __init__(self):
        self.answered = allocate_lock()
        self.answered.acquire()


def header_pairs(headers):
    """A dict or a list of pairs as a list of [name, value]."""
    if headers is None:
        return []
    pairs = headers.items() if hasattr(headers, "items") else headers
    checked = []
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(f"the headers of ctx.fetch hold {named(pair)}, not a name and a value")
        for part in pair:
            if not isinstance(part, str):
                raise TypeError(f"the headers of ctx.fetch hold {named(part)}, not str")
        checked.append(list(pair))
    return checked


def body_bytes(body):
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8")
    if isinstance(body, (bytes, bytearray)):
        return body
    if isinstance(body, memoryview):
        return bytes(body)
    raise TypeError(f"the body of ctx.fetch is {named(body)}, not bytes or str")
