"""The only way out of a build sandbox: whatever pip connects to is the socket of the host's index, which is a file.

The sandbox has no network namespace with anything in it, and its system call filter knows no socket family but this.
"""

import socket

INDEX_SOCKET = "/index/index.sock"


class IndexSocket(socket.socket):
    def setsockopt(self, level, *rest):
        # What HTTP clients set is of TCP.
        if level == socket.SOL_SOCKET:
            super().setsockopt(level, *rest)


def only_the_index(*_host_and_port, **_hints):
    return [(socket.AF_UNIX, socket.SOCK_STREAM, 0, "", INDEX_SOCKET)]


def connect_to_the_index():
    socket.socket = IndexSocket
    socket.getaddrinfo = only_the_index
