import os
import time


def run(inputs, options):
    runner = os.getpid()
    if os.fork() == 0:
        while os.getppid() == runner:
            time.sleep(0.001)
        while True:
            os.write(4, b"\x00\x00\x00\x05\x01late!")
    return {"a.txt": "in time"}
