"""What is mounted to be read only is read only by whatever name: opened again, linked, moved, mapped, or made beside it."""

import ctypes
import fcntl
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH, RENAME_EXCHANGE = -100, 0x400, 0x1000, 2
SET_FLAGS, CLONE_RANGE = 0x40086602, 0x40049409


def run_streaming(in_dir, out_dir, options):
    done = []

    def attempt(name, action):
        try:
            if action() != -1:
                done.append(name)
        except (OSError, ValueError):
            pass

    with open(f"{out_dir}/own", "w") as file:
        file.write("own")
    own = os.open(f"{out_dir}/own", os.O_RDWR)
    for place in (f"{in_dir}/input.txt", __file__, "/usr/bin/env", "/etc/passwd"):
        file = os.open(place, os.O_RDONLY)
        again = f"/proc/self/fd/{file}"
        leaf = os.path.basename(place)
        for flags in (os.O_RDWR, os.O_WRONLY | os.O_TRUNC, os.O_WRONLY | os.O_APPEND):
            attempt(f"open {place}", lambda flags=flags: os.open(again, flags))
        attempt(f"truncate {place}", lambda: os.truncate(again, 0))
        attempt(f"ftruncate {place}", lambda: os.ftruncate(file, 0))
        attempt(f"map {place}", lambda: mmap.mmap(file, 1, mmap.MAP_SHARED, mmap.PROT_WRITE))
        attempt(f"chmod {place}", lambda: os.fchmod(file, 0o666))
        attempt(f"chown {place}", lambda: os.fchown(file, os.getuid(), -1))
        attempt(f"utime {place}", lambda: os.utime(again, (0, 0)))
        attempt(f"attribute of {place}", lambda: os.setxattr(again, "user.mine", b"x"))
        attempt(f"flags of {place}", lambda: fcntl.ioctl(file, SET_FLAGS, bytes(8)))
        attempt(f"clone over {place}", lambda: fcntl.ioctl(file, CLONE_RANGE, own))
        for flags, name in ((AT_SYMLINK_FOLLOW, again.encode()), (AT_EMPTY_PATH, b"")):
            source = AT_FDCWD if name else file
            target = f"{out_dir}/linked-{leaf}".encode()
            attempt(f"link {place}", lambda: libc.linkat(source, name, AT_FDCWD, target, flags))
        attempt(f"move {place}", lambda: os.rename(place, f"{out_dir}/moved-{leaf}"))
        attempt(f"exchange {place}", lambda: libc.renameat2(AT_FDCWD, place.encode(), own, b"", RENAME_EXCHANGE))
        attempt(f"make beside {place}", lambda: os.open(os.path.dirname(place), os.O_TMPFILE | os.O_RDWR))
        attempt(f"fallocate {place}", lambda: os.posix_fallocate(file, 0, 1 << 20))
    with open(f"{out_dir}/done.txt", "w") as file:
        file.write(", ".join(done))
