def run(inputs, options):
    yield {"pct": 10, "message": "one"}
    yield {"output": "text ü", "encoding": "text"}
    yield {"output": b"\x00\xff"}
    yield {"output": "AP8=", "encoding": "base64"}
    yield {"pct": 250, "message": "m" * 3000}
    return {"done.txt": "done"}
