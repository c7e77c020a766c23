"""Speaks to the host itself: the runner would not be that quick."""

import os


def frame(body):
    return len(body).to_bytes(4, "big") + b"\x01" + body


def run(inputs, options):
    flood = memoryview(frame(b'{"kind":"output","chunk":"","encoding":"text"}') * 1200)
    while True:
        rest = flood
        while rest:
            rest = rest[os.write(4, rest) :]
