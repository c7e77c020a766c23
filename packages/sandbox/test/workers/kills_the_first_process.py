import os
import signal


def run(inputs, options):
    for number in signal.valid_signals():
        try:
            os.kill(1, number)
        except OSError:
            pass
    return {"a.txt": "still there"}
