"""Tries what a sealed worker must not be able to do, and returns what became of each try."""

import ctypes
import errno
import json
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)
X86 = os.uname().machine == "x86_64"


def attempt(action):
    try:
        return f"done: {action()!r:.200}"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))


def read(path):
    def action():
        with open(path, "rb") as file:
            return file.read(200)

    return attempt(action)


def write(path):
    def action():
        with open(path, "ab") as file:
            return file.write(b"x")

    return attempt(action)


def call(number, *arguments):
    def action():
        ctypes.set_errno(0)
        result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(argument) for argument in arguments])
        if result == -1:
            raise OSError(ctypes.get_errno(), "refused")
        return result

    return attempt(action)


def abstract(name):
    def action():
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(f"\0{name}")
            return "connected"

    return attempt(action)


def run(inputs, options):
    found = {
        "environ": dict(os.environ),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1],
        "root": sorted(os.listdir("/")),
        "uid": [os.getuid(), os.getgid(), os.getgroups()],
        "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
        "interfaces": sorted(line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line),
        "status": {
            line.split(":")[0]: line.split(":")[1].strip()
            for line in open("/proc/self/status")
            if line.startswith(("Cap", "NoNewPrivs", "Seccomp:"))
        },
        "hostname": os.uname().nodename,
        "usr_local": os.listdir("/usr/local"),
        "read": {path: read(path) for path in options["read"]},
        "write": {path: write(path) for path in options["write"]},
        "init_environ": read("/proc/1/environ"),
        "chmod_input": attempt(lambda: os.chmod("/in/input.txt", 0o777)),
        "unlink_input": attempt(lambda: os.unlink("/in/input.txt")),
        "link_input": attempt(lambda: os.link("/in/input.txt", "/tmp/link")),
        "inet": attempt(lambda: socket.socket(socket.AF_INET)),
        "inet6": attempt(lambda: socket.socket(socket.AF_INET6)),
        "netlink": attempt(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        "vsock": attempt(lambda: socket.socket(socket.AF_VSOCK)),
        "packet": attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
        "abstract": abstract(options["abstract"]),
        "chroot": attempt(lambda: os.chroot("/tmp")),
        "mknod_device": attempt(lambda: os.mknod("/tmp/null", 0o20666, os.makedev(1, 3))),
        "mkfifo": attempt(lambda: os.mkfifo("/tmp/fifo")),
    }
    if X86:
        found["calls"] = {
            "ptrace": call(101, 16, 1, 0, 0),
            "unshare_user": call(272, 0x10000000),
            "unshare_mount": call(272, 0x00020000),
            "clone_user": call(56, 0x10000000 | 17, 0, 0, 0, 0),
            "clone3": call(435, 0, 0),
            "setns": call(308, 0, 0),
            "mount": call(165, 0, 0, 0, 0, 0),
            "umount": call(166, 0, 0),
            "pivot_root": call(155, 0, 0),
            "keyctl": call(250, 0, 0),
            "add_key": call(248, 0, 0, 0, 0, 0),
            "bpf": call(321, 0, 0, 0),
            "io_uring_setup": call(425, 1, 0),
            "userfaultfd": call(323, 0),
            "perf_event_open": call(298, 0, 0, -1, -1, 0),
            "process_vm_readv": call(310, 1, 0, 0, 0, 0, 0),
            "pidfd_getfd": call(438, 0, 0, 0),
            "open_by_handle_at": call(304, 0, 0, 0),
            "name_to_handle_at": call(303, 0, 0, 0, 0, 0),
            "fanotify_init": call(300, 0, 0),
            "personality": call(135, 0x0400000),
            "init_module": call(175, 0, 0, 0),
        }
    return {"found.json": json.dumps(found)}
