import os
import time


def run(inputs, options):
    for _ in range(12):
        if os.fork() != 0:
            break
    else:
        time.sleep(60)
    if os.getppid() > 1:
        time.sleep(60)
    return {"a.txt": "the first of them"}
