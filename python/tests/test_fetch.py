"""The arguments of ctx.fetch, and threads that wait for answers which come in another order."""

import json
import threading
import unittest

from test_wire import Pipe

from hanabi_runner.ctx.context import Context
from hanabi_runner.ctx.fetch import FetchError, body_bytes, header_pairs
from hanabi_runner.wire import KIND_BYTES, KIND_JSON, encode_frame


def kept_pipe():
    """Never closed: the thread that reads answers lives as long as the process, as it does in a job."""
    return Pipe().__enter__()


class Host:
    """The other side of a pipe: reads requests, writes answers."""

    def __init__(self, pipe):
        self._read = open(pipe.frames_read, "rb", buffering=0, closefd=False)
        self._write = open(pipe.job_write, "wb", buffering=0, closefd=False)

    def request(self):
        frame = json.loads(self._body())
        data = b""
        while len(data) < frame["size_bytes"]:
            data += self._body()
        return frame, data

    def answer(self, data=b"", **fields):
        frame = encode_frame(KIND_JSON, json.dumps({**fields, "size_bytes": len(data)}).encode())
        self._write.write(frame + (encode_frame(KIND_BYTES, data) if data else b""))

    def _body(self):
        header = self._exactly(5)
        return self._exactly(int.from_bytes(header[:4], "big"))

    def _exactly(self, length):
        data = b""
        while len(data) < length:
            data += self._read.read(length - len(data))
        return data


class Fetch(unittest.TestCase):
    def test_answers_find_their_threads(self):
        pipe = kept_pipe()
        context, host, got = Context(pipe.channel), Host(pipe), {}

        def ask(number):
            got[number] = context.fetch(f"http://a.example/{number}", "post", {"x": "y"}, f"body {number}")

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        requests = [host.request() for _ in threads]
        for frame, data in reversed(requests):
            self.assertEqual((frame["method"], frame["headers"]), ("POST", [["x", "y"]]))
            number = frame["url"].rpartition("/")[2]
            self.assertEqual(data, f"body {number}".encode())
            host.answer(number.encode() * 1000, kind="fetched", id=frame["id"], status=200, headers={"n": number})
        for thread in threads:
            thread.join()
        for number, answer in got.items():
            expected = {"status": 200, "headers": {"n": str(number)}, "body": str(number).encode() * 1000}
            self.assertEqual(answer, expected)
        self.assertEqual(len(got), 20)

    def test_a_refusal_has_its_code(self):
        pipe = kept_pipe()
        context, host = Context(pipe.channel), Host(pipe)
        refusal = {"kind": "refused", "id": 1, "code": "HANABI-N001", "message": "The network is not approved"}
        host.answer(**refusal)
        with self.assertRaises(context.FetchError) as raised:
            context.fetch("http://a.example/")
        self.assertIs(type(raised.exception), FetchError)
        self.assertEqual(raised.exception.code, "HANABI-N001")
        self.assertEqual(str(raised.exception), "The network is not approved (HANABI-N001)")

    def test_what_does_not_fit_into_a_frame_is_refused_here(self):
        pipe = kept_pipe()
        with self.assertRaises(FetchError) as raised:
            Context(pipe.channel).fetch("http://a.example/" + "x" * 1024 * 1024)
        self.assertEqual(raised.exception.code, "HANABI-N005")

    def test_arguments(self):
        self.assertEqual(header_pairs(None), [])
        self.assertEqual(header_pairs({"a": "b"}), [["a", "b"]])
        self.assertEqual(header_pairs([("a", "b"), ["a", "c"]]), [["a", "b"], ["a", "c"]])
        self.assertEqual([body_bytes(body) for body in (None, "ü", b"x", bytearray(b"x"), memoryview(b"x"))],
                         [b"", "ü".encode(), b"x", b"x", b"x"])
        for headers in (5, ["a"], {"a": None}, [("a", "b", "c")]):
            with self.subTest(headers), self.assertRaises(TypeError):
                header_pairs(headers)
        with self.assertRaises(TypeError):
            body_bytes(5)


if __name__ == "__main__":
    unittest.main()
