"""Leaves a file of three bytes behind which the file system keeps as much room as it is told."""

import ctypes
import os

KEEP_SIZE = 1


def run_streaming(in_dir, out_dir, options):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    with open(f"{out_dir}/small.txt", "wb") as file:
        file.write(b"abc")
        file.flush()
        if libc.fallocate(file.fileno(), KEEP_SIZE, 0, options["bytes"]) != 0:
            raise OSError(ctypes.get_errno(), "fallocate")
