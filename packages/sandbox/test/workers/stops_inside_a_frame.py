import os


def run(inputs, options):
    os.write(4, b"\x00\x00\x00\x09\x01{")
    os._exit(0)
