import ctypes
import mmap
import os
import threading

libc = ctypes.CDLL(None)
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
EXIT = {"x86_64": 60, "aarch64": 93}[os.uname().machine]


def run_streaming(in_dir, out_dir, options):
    if options.get("hide") == "behind a thread":
        # The first thread of a process is the one that everyone looks at.
        threading.Thread(target=write, args=(out_dir, options)).start()
        libc.syscall(ctypes.c_long(EXIT), ctypes.c_long(0))
    write(out_dir, options)


def write(out_dir, options):
    hide = options.get("hide")
    number = 0
    kept = []
    while True:
        number += 1
        path = f"{out_dir}/{number}" if options.get("many") else f"{out_dir}/{number // 16}"
        file = open(path, "ab+", buffering=0)
        if hide:
            os.unlink(path)
        for _ in range(64):
            if file.write(bytes(options.get("step_bytes", 262144))) == 0:
                break
        if hide == "mapped":
            # One page keeps the whole file. Python's own mmap would keep it open as well.
            libc.mmap(None, mmap.PAGESIZE, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
        elif hide:
            kept.append(file)
            continue
        file.close()
