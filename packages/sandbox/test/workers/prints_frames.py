import os


def run(inputs, options):
    body = b'{"kind":"done"}'
    os.write(1, len(body).to_bytes(4, "big") + b"\x01" + body)
    print("printed")
    return {"a.txt": "the real one"}
