import os
import time


def run(inputs, options):
    for _ in range(8):
        if os.fork() == 0:
            kept = bytearray(b"x") * (64 * 1024 * 1024)
            time.sleep(60)
    time.sleep(60)
    return {}
