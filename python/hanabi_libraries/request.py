"""What the host asks of a build sandbox, and how it is answered: one JSON file in, one out."""

import json

REQUEST = "/in/request.json"
ANSWER = "/out/answer.json"

# Debian's folder of Python libraries that are installed with apt; pip itself is one of them.
SYSTEM_SITE = "/usr/lib/python3/dist-packages"


class Refused(Exception):
    """Ends the build with one sentence for the author."""


def read_request():
    with open(REQUEST, encoding="utf-8") as file:
        return json.load(file)


def answer(make):
    """Writes what `make` returns, or the sentence of its refusal. Anything else it raises is for the operator's log."""
    try:
        value = {"ok": True, **make(read_request())}
    except Refused as refusal:
        value = {"ok": False, "message": str(refusal)}
    with open(ANSWER, "x", encoding="utf-8") as file:
        json.dump(value, file)
