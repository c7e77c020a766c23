"""Things that only a hostile hand makes: whiteouts of overlays, a file without a name, one with attributes and leases."""

import ctypes
import fcntl
import os

libc = ctypes.CDLL(None)
AT_FDCWD, RENAME_WHITEOUT = -100, 4


def run_streaming(in_dir, out_dir, options):
    os.chdir(out_dir)
    with open("moved.txt", "w") as file:
        file.write("moved")
    libc.renameat2(AT_FDCWD, b"moved.txt", AT_FDCWD, b"good.txt", RENAME_WHITEOUT)
    if not os.path.exists("good.txt"):
        os.rename("moved.txt", "good.txt")
    for number in range(64):
        try:
            os.setxattr("good.txt", f"user.{number}", b"x" * 200)
        except OSError:
            pass
    # Read and write for everyone, as an access list says it.
    everyone = bytes.fromhex("02000000 01000700ffffffff 04000700ffffffff 10000700ffffffff 20000700ffffffff")
    try:
        os.setxattr("good.txt", "system.posix_acl_access", everyone)
    except OSError:
        pass
    held = os.open("good.txt", os.O_RDONLY)
    try:
        fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError:
        pass
    nameless = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600)
    os.write(nameless, b"nameless")
    os.mkdir("\u202e")
    os.mkfifo("\u202e/pipe")
    if os.fork() == 0:
        os.setsid()
        with open("good.txt", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            while True:
                os.sched_yield()
