import os
import signal


def run(inputs, options):
    os.kill(os.getpid(), signal.SIGSTOP)
    return {}
