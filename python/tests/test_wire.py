"""The transcripts in fixtures/wire/, which packages/sandbox/test/frames.test.ts reads too."""

import json
import os
import unittest

from tests_path import FIXTURES

from hanabi_runner.wire import BODY_BYTES_MAX, CHUNK_BYTES, Channel, WireError, decode_json, encode_fields


def transcripts(written_by):
    for path in sorted((FIXTURES / "wire").glob("*.json")):
        transcript = json.loads(path.read_text("utf-8"))
        if transcript["written_by"] == written_by:
            yield path.name, transcript


class Pipe:
    """A channel whose host side is in this process."""

    def __enter__(self):
        job_read, self.job_write = os.pipe()
        self.frames_read, frames_write = os.pipe()
        self.channel = Channel(job_read, frames_write)
        self._inside = (job_read, frames_write)
        return self

    def __exit__(self, *_):
        for fd in (*self._inside, self.job_write, self.frames_read):
            try:
                os.close(fd)
            except OSError:
                pass

    def sent(self):
        os.close(self._inside[1])
        with os.fdopen(os.dup(self.frames_read), "rb") as file:
            return file.read()


class Transcripts(unittest.TestCase):
    def test_frames_of_the_host_are_read(self):
        for name, transcript in transcripts("host"):
            with self.subTest(name), Pipe() as pipe:
                os.write(pipe.job_write, bytes.fromhex(transcript["wire_hex"]))
                for frame in transcript["frames"]:
                    if "json" in frame:
                        self.assertEqual(pipe.channel.receive(), frame["json"])
                    else:
                        data = bytes.fromhex(frame["bytes_hex"])
                        self.assertEqual(pipe.channel.receive_bytes(len(data)), data)

    def test_frames_of_the_runner_are_written_to_the_byte(self):
        for name, transcript in transcripts("runner"):
            if "error" in transcript:
                continue
            with self.subTest(name), Pipe() as pipe:
                for frame in transcript["frames"]:
                    if "json" in frame:
                        pipe.channel.send(**frame["json"])
                    else:
                        pipe.channel.send_bytes(bytes.fromhex(frame["bytes_hex"]))
                self.assertEqual(pipe.sent().hex(), transcript["wire_hex"])


class Frames(unittest.TestCase):
    def test_bytes_are_cut_into_chunks(self):
        with Pipe() as pipe:
            sizes = []
            pipe.channel._write = lambda data: sizes.append(len(data))
            pipe.channel.send_bytes(bytes(2 * CHUNK_BYTES + 1))
            self.assertEqual(sizes, [5, CHUNK_BYTES, 5, CHUNK_BYTES, 5, 1])
            self.assertLessEqual(CHUNK_BYTES, BODY_BYTES_MAX)

    def test_descriptors_are_not_handed_to_programs(self):
        with Pipe() as pipe:
            for fd in pipe._inside:
                self.assertFalse(os.get_inheritable(fd))

    def test_a_host_that_went_away_is_an_error(self):
        with Pipe() as pipe:
            os.write(pipe.job_write, b"\0\0")
            os.close(pipe.job_write)
            with self.assertRaisesRegex(WireError, "gone"):
                pipe.channel.receive()

    def test_what_is_not_a_json_frame_is_refused(self):
        for data in (b"\0\0\0\1\2x", b"\xff\0\0\0\1x", b"\0\0\0\1\1{", b"\0\0\0\3\1{}x", b"\0\0\0\0\1"):
            with self.subTest(data), Pipe() as pipe:
                os.write(pipe.job_write, data)
                with self.assertRaises(WireError):
                    pipe.channel.receive()

    def test_bytes_that_were_not_announced_are_refused(self):
        for data in (b"\0\0\0\3\2abc", b"\0\0\0\2\1{}"):
            with self.subTest(data), Pipe() as pipe:
                os.write(pipe.job_write, data)
                with self.assertRaises(WireError):
                    pipe.channel.receive_bytes(2)

    def test_json_agrees_with_the_json_module(self):
        for value in ({}, {"a": [1, 2.5, -3e20, True, None, "ü\u2028😀"]}, [], "x", 12, {"": {"": []}}):
            self.assertEqual(decode_json(json.dumps(value)), value)
        fields = {"text": 'ü "\\\n\0\ud800', "number": 0.1, "whole": -7}
        self.assertEqual(json.loads(encode_fields(fields)), fields)


if __name__ == "__main__":
    unittest.main()
