"""A hostile runner: random bytes, or good frames that were cut, repeated, swapped and flipped."""

import os
import random

GOOD = [
    b'{"kind":"ready"}',
    b'{"kind":"progress","pct":50,"message":"half"}',
    b'{"kind":"output","chunk":"text","encoding":"text"}',
    b'{"kind":"file","name":"a","size_bytes":3}',
    b'{"kind":"done"}',
    b'{"kind":"collect"}',
    b'{"kind":"failed","reason":"exception","message":"m","traceback":"t"}',
    b'{"kind":"fetch","id":1,"method":"GET","url":"http://x/","headers":[],"size_bytes":0}',
    b'{"kind":"progress","pct":1e999,"message":null}',
    b'{"kind":"file","name":"\\ud800","size_bytes":-1}',
    b'{"kind":"file","name":"a","size_bytes":9007199254740993}',
    b'{"__proto__":{"kind":"done"},"kind":["done"]}',
    b"[" * 5000,
    b"\xff\xfe",
]


def frame(body, kind=1):
    return len(body).to_bytes(4, "big") + bytes([kind]) + body


def run(inputs, options):
    chance = random.Random(options["seed"])
    if chance.random() < 0.2:
        data = chance.randbytes(chance.randrange(1, 4000))
    else:
        pieces = [frame(chance.choice(GOOD), chance.choice((1, 1, 1, 2))) for _ in range(chance.randrange(1, 12))]
        data = bytearray(b"".join(pieces))
        for _ in range(chance.randrange(0, 6)):
            at = chance.randrange(len(data))
            what = chance.randrange(4)
            if what == 0:
                data[at] = chance.randrange(256)
            elif what == 1:
                del data[at:]
                data += b"\x00"
            elif what == 2:
                data[at:at] = data[: chance.randrange(1, 40)]
            else:
                data[at : at + 4] = chance.randbytes(4)
    try:
        while data:
            sent = os.write(4, data[: chance.randrange(1, 2000)])
            data = data[sent:]
    finally:
        os._exit(chance.choice((0, 0, 1, 255)))
