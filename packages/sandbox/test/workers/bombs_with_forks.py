import os
import time


def run(inputs, options):
    started = 0
    try:
        while True:
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
            started += 1
    except OSError as error:
        return {"started.txt": f"{started} {error.strerror}"}
