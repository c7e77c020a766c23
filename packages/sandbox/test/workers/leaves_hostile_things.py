import os
import socket


def run_streaming(in_dir, out_dir, options):
    os.chdir(out_dir)
    with open("good.txt", "w") as file:
        file.write("good")
    os.symlink("/etc/passwd", "link-out.txt")
    os.symlink("good.txt", "link-inside.txt")
    os.symlink("/in", "folder-link")
    with open("twice.txt", "w") as file:
        file.write("x")
    os.link("twice.txt", "twice-again.txt")
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
    for name in (b"..\\..\\evil.txt", b"new\nline.txt", b"\xff\xfe.bin", "right\u202eto-left.txt".encode(), b"."b"hidden", b"a" * 255):
        with open(name, "wb") as file:
            file.write(b"n")
    with open("locked.txt", "w") as file:
        file.write("locked")
    os.chmod("locked.txt", 0)
    with open("setuid.sh", "w") as file:
        file.write("#!/bin/sh\n")
    os.chmod("setuid.sh", 0o6777)
    os.mkdir("locked")
    with open("locked/inside.txt", "w") as file:
        file.write("inside")
    os.chmod("locked", 0)
    os.chmod(out_dir, 0)
