import ctypes


def run(inputs, options):
    return {"pid.txt": str(ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 + 39)))}
