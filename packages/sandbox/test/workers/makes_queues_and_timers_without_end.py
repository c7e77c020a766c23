import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
IPC_CREAT = 0o1000
MANY = 100_000


def run(inputs, options):
    """None of them is a page of its own; the kernel counts them as memory of the job all the same."""
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    made = {"timers": 0, "queues": 0, "semaphores": 0, "messages": 0}
    timer = ctypes.c_void_p()
    while made["timers"] < MANY and libc.timer_create(1, None, ctypes.byref(timer)) == 0:
        made["timers"] += 1
    queue = -1
    while made["queues"] < MANY and (got := libc.msgget(0, IPC_CREAT | 0o600)) != -1:
        made["queues"] += 1
        queue = got
    while made["semaphores"] < MANY and libc.semget(0, 200, IPC_CREAT | 0o600) != -1:
        made["semaphores"] += 1
    message = ctypes.create_string_buffer(b"\1" + bytes(7 + 1000))
    while made["messages"] < MANY and libc.msgsnd(queue, message, ctypes.c_size_t(1000), 0o4000) == 0:
        made["messages"] += 1
    return {"made.txt": str(made)}
