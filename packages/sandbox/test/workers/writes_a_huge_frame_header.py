import os


def run(inputs, options):
    os.write(4, b"\xff\xff\xff\xff\x01")
    return {}
