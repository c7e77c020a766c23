import os


def run(inputs, options):
    os.write(4, b"\x00\x00\x00\x01\x02x")
    return {}
