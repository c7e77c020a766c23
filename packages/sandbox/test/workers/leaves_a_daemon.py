import os
import signal
import time


def run(inputs, options):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            os.closerange(0, 256)
            time.sleep(600)
        os._exit(0)
    return {"a.txt": "left one behind"}
