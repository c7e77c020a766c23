import itertools
import os

MIB = 1024 * 1024


def fill(folder):
    try:
        for number in itertools.count():
            with open(f"{folder}/{number}", "wb", buffering=0) as file:
                file.write(b"x" * MIB)
    except OSError:
        return


def run(inputs, options):
    fill("/tmp")
    fill("/dev/shm")
    files = [os.memfd_create(str(number)) for number in range(16)]
    for file in files:
        for _ in range(16):
            os.write(file, b"x" * MIB)
    return {"a.txt": "all of it fitted"}
