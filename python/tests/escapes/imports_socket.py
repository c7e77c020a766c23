"""For the network."""


def tick(ctx):
    import socket

    return socket
