import os
import signal


def run(inputs, options):
    child = os.fork()
    if child == 0:
        signal.pause()
    os.kill(-1, signal.SIGKILL)
    return {"child.txt": str(os.waitpid(child, 0)[1])}
