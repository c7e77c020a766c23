import fcntl
import os
import termios


def run(inputs, options):
    typed = []
    files = {str(fd): fd for fd in range(5)}
    for name in ("tty", "console", "tty0", "tty1", "ptmx", "pts/0", "pts/1"):
        try:
            files[name] = os.open(f"/dev/{name}", os.O_RDWR | os.O_NOCTTY)
        except OSError:
            pass
    # A terminal of its own it may have, and type into it.
    own = os.stat("/dev/pts").st_dev
    for name, fd in files.items():
        try:
            fcntl.ioctl(fd, termios.TIOCSTI, b"x")
        except OSError:
            continue
        if os.fstat(fd).st_dev != own:
            typed.append(name)
    for fd in range(5):
        if os.isatty(fd):
            typed.append(f"{fd} is a terminal")
    return {"typed.txt": ",".join(typed)}
