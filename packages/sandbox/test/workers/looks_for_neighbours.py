import ctypes
import os
import socket


def run(inputs, options):
    found = [path for path in ("/tmp/neighbour", "/dev/shm/neighbour") if os.path.exists(path)]
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect("\0hanabi-neighbour")
            found.append("abstract socket")
        except OSError:
            pass
    found += [name for name in os.listdir("/proc") if name.isdigit() and int(name) > os.getpid()]
    found += os.listdir("/dev/pts")[1:]
    # System V memory under a number that both know.
    libc = ctypes.CDLL(None)
    if libc.shmget(0x48414E41, 4096, 0o600) != -1:
        found.append("shared memory")
    libc.shmget(0x48414E41, 4096, 0o1600)
    return {"found.txt": ",".join(found)}
