"""What a service asks of the host, one question at a time: a frame and its JSON in bytes, and the answer likewise."""

from hanabi_runner.json_text import json_bytes
from hanabi_runner.wire import KIND_JSON, WireError, decode_json, encode_fields, encode_frame


class Host:
    def __init__(self, channel):
        self._channel = channel
        self._last = 0

    def ask(self, method, /, **params):
        """(value, None) or (None, {"error", "code"}). ValueError or TypeError where the parameters are no JSON."""
        body = json_bytes(params)
        self._last += 1
        fields = {"kind": "ask", "id": self._last, "method": method, "size_bytes": len(body)}
        self._channel.send_request(encode_frame(KIND_JSON, encode_fields(fields)), body)
        answer = self._channel.receive()
        if answer.get("kind") != "answer" or answer.get("id") != self._last:
            raise WireError("an answer to something else")
        told = decode_json(self._channel.receive_bytes(answer["size_bytes"]).decode("utf-8"))
        return (None, told) if "error" in told else (told["value"], None)

    def must(self, method, /, **params):
        """The value. RuntimeError where the host refuses."""
        value, refusal = self.ask(method, **params)
        if refusal is not None:
            raise RuntimeError(f"{refusal['error']} ({refusal['code']})")
        return value

    def told(self, method, /, **params):
        """The value, or a dict with an "error" key: how calls to the world outside fail."""
        value, refusal = self.ask(method, **params)
        return value if refusal is None else refusal
