import os


def run(inputs, options):
    body = b'{"kind":"grant","permission":"files.read.all"}'
    os.write(4, len(body).to_bytes(4, "big") + b"\x01" + body)
    return {}
