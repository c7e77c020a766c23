import json
import os

CHANNEL = 4


def json_frame(**fields):
    body = json.dumps(fields).encode()
    return len(body).to_bytes(4, "big") + b"\x01" + body


def bytes_frame(body):
    return len(body).to_bytes(4, "big") + b"\x02" + body


def request(**changes):
    fields = {"kind": "fetch", "id": 7, "method": "GET", "url": "http://a.example/", "headers": [], "size_bytes": 0}
    return json_frame(**{**fields, **changes})


HOW = {
    "too many bytes": lambda: request(size_bytes=3) + bytes_frame(b"four"),
    "a frame inside a body": lambda: request(size_bytes=3) + bytes_frame(b"on") + request(),
    "a size that is none": lambda: request(size_bytes=-1),
    "a size with a fraction": lambda: request(size_bytes=0.5),
    "headers that are none": lambda: request(headers={"a": "b"}),
    "headers without end": lambda: request(headers=[["", ""]] * 100_000),
    "an answer": lambda: json_frame(kind="fetched", id=1, status=200, headers={}, size_bytes=0),
    "an extra field": lambda: request(private=True),
}


def run(inputs, options):
    if options["how"] == "more than anyone reads":
        # Never reads an answer, so the host has to stop listening long before this ends.
        frame = request(url=options["url"])
        for number in range(1_000_000):
            os.write(CHANNEL, frame)
        return {}
    os.write(CHANNEL, HOW[options["how"]]())
    import time

    time.sleep(60)
