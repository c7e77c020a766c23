"""Memory of the kernel that is nobody's page: what lies in pipes and in sockets, and what is sent in them."""

import array
import fcntl
import os
import socket

PIPE_BYTES = 1 << 20


def run(inputs, options):
    while os.fork() == 0:
        fill()
    while True:
        os.wait()


def fill():
    kept = []
    try:
        while True:
            read, write = os.pipe()
            os.set_blocking(write, False)
            try:
                fcntl.fcntl(write, 1031, PIPE_BYTES)
            except OSError:
                pass
            kept += [read, write, *socket.socketpair()]
            for end in kept[-2:]:
                end.setblocking(False)
            pour(lambda write=write: os.write(write, bytes(65536)))
            pour(lambda end=kept[-1]: end.send(bytes(65536)))
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [read]))]
            pour(lambda end=kept[-2]: end.sendmsg([b"x"], rights))
    except OSError:
        pass


def pour(action):
    try:
        while action():
            pass
    except OSError:
        pass
