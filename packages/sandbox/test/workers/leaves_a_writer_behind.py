import os
import time


def run_streaming(in_dir, out_dir, options):
    with open(f"{out_dir}/file.txt", "w") as file:
        file.write("before")
    ready, told = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.write(told, b"x")
        while True:
            os.replace(f"{out_dir}/file.txt", f"{out_dir}/moved.txt")
            os.symlink("/etc/passwd", f"{out_dir}/file.txt")
            os.unlink(f"{out_dir}/file.txt")
            os.replace(f"{out_dir}/moved.txt", f"{out_dir}/file.txt")
    os.read(ready, 1)
