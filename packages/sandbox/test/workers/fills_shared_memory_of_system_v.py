import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
IPC_PRIVATE, IPC_CREAT, STEP = 0, 0o1000, 16 << 20


def run(inputs, options):
    """Segments outlive the process that made them, wherever they are not counted."""
    while True:
        segment = libc.shmget(IPC_PRIVATE, ctypes.c_size_t(STEP), IPC_CREAT | 0o600)
        if segment == -1:
            raise OSError(ctypes.get_errno(), "no more segments")
        address = libc.shmat(segment, None, 0)
        ctypes.memset(address, 1, STEP)
        libc.shmdt(ctypes.c_void_p(address))
