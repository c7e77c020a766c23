import os
import socket
import time


def run(inputs, options):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0hanabi-neighbour")
        server.listen()
        os.mkfifo("/tmp/neighbour")
        open("/dev/shm/neighbour", "w").close()
        yield {"pct": 1, "message": "listening"}
        time.sleep(60)
    return {}
