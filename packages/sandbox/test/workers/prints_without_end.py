import os


def run(inputs, options):
    line = b"flood " * 10_000 + b"\n"
    while True:
        os.write(1, line)
        os.write(2, line)
