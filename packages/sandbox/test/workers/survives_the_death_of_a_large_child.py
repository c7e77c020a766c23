import os


def run(inputs, options):
    pid = os.fork()
    if pid == 0:
        kept = [bytearray(b"x") * (16 * 1024 * 1024) for _ in range(100)]
        os._exit(0)
    os.waitpid(pid, 0)
    return {"a.txt": "as if nothing had happened"}
