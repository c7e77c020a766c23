import mmap

MAP_NORESERVE = 0x4000


def run(inputs, options):
    """One byte in every two megabytes of nothing: it is the map of it that takes the memory."""
    while True:
        nothing = mmap.mmap(-1, 1 << 40, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE, mmap.PROT_READ)
        for at in range(0, 1 << 40, 2 << 20):
            nothing[at]
