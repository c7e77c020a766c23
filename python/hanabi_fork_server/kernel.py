"""The kernel calls that Python has no function for. Each raises OSError where the call fails."""

import ctypes
import os
import struct

_libc = ctypes.CDLL(None, use_errno=True)
# Keeps the interpreter locked during the call: a clone must not come back into an interpreter that nobody holds.
_locked = ctypes.PyDLL(None, use_errno=True)

_NUMBERS = {
    "x86_64": {"audit": 0xC000003E, "clone": 56, "pivot_root": 155, "collecting": (9, 11, 12, 15, 61, 202, 231)},
    "aarch64": {"audit": 0xC00000B7, "clone": 220, "pivot_root": 41, "collecting": (222, 215, 214, 139, 260, 98, 94)},
}[os.uname().machine]

# Said once: working it out again for each of many calls takes longer than the calls.
_libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
SIGCHLD = 17

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION_3 = 0x20080522

with open("/proc/sys/kernel/cap_last_cap") as _file:
    _LAST_CAPABILITY = int(_file.read())


def _checked(result, what):
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def clone(flags):
    """As os.fork(), into new namespaces."""
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = _locked.syscall(ctypes.c_long(_NUMBERS["clone"]), ctypes.c_long(flags | SIGCHLD), None, None, None, None)
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    return _checked(pid, "clone")


def unshare(flags):
    _checked(_libc.unshare(flags), "unshare")


def mount(source, target, kind=None, flags=0, data=None):
    encode = lambda text: None if text is None else text.encode()  # noqa: E731
    arguments = encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), encode(data)
    _checked(_libc.mount(*arguments), f"mount {target}")


def enter_root(folder):
    """Makes a mount the root, and lets the tree that was there before go. Both are one folder for a moment."""
    os.chdir(folder)
    _checked(_libc.syscall(ctypes.c_long(_NUMBERS["pivot_root"]), b".", b"."), "pivot_root")
    _checked(_libc.umount2(b".", MNT_DETACH), "umount")
    os.chdir("/")


def prctl(option, argument, more=0):
    _checked(_libc.prctl(option, argument, more, 0, 0), f"prctl {option}")


def set_host_name(name):
    _checked(_libc.sethostname(name.encode(), ctypes.c_size_t(len(name))), "sethostname")


def bound_capabilities():
    """Whatever is executed from now on gets none."""
    for capability in range(_LAST_CAPABILITY + 1):
        prctl(PR_CAPBSET_DROP, capability)
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)


def drop_capabilities():
    """Those that this process still has."""
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    _checked(_libc.capset(header, bytes(24)), "capset")


class SeccompProgram:
    """A compiled filter, held in memory so that a process without any file left can still apply it."""

    def __init__(self, code):
        self._code = ctypes.create_string_buffer(code, len(code))
        self._program = ctypes.create_string_buffer(
            struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(self._code))
        )

    def apply(self):
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(self._program))


def collecting_program():
    """Lets a process do nothing but wait for others and end: mmap, munmap, brk, rt_sigreturn, wait4, futex, exit_group."""
    load, equal, answer = 0x20, 0x15, 0x06
    refused, allowed, killed = 0x00050001, 0x7FFF0000, 0x80000000
    calls = _NUMBERS["collecting"]
    code = [(load, 0, 0, 4), (equal, 1, 0, _NUMBERS["audit"]), (answer, 0, 0, killed), (load, 0, 0, 0)]
    code += [(equal, len(calls) - at, 0, number) for at, number in enumerate(calls)]
    code += [(answer, 0, 0, refused), (answer, 0, 0, allowed)]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)
