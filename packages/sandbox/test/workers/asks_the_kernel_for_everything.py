"""Every call that has ever led out of a sandbox, with arguments that would work; returns those that did."""

import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
NAMESPACES = {
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "time": 0x00000080,
}
AT_FDCWD = -100
SIGCHLD = 17
PAGE = ctypes.create_string_buffer(4096)
ADDRESS = ctypes.addressof(PAGE)

# Number on x86-64 and on aarch64; those above 400 are the same everywhere.
CALLS = {
    "ptrace TRACEME": (101, 117, (0, 0, 0, 0)),
    "ptrace SEIZE the first process": (101, 117, (0x4206, 1, 0, 0)),
    "process_vm_readv": (310, 270, (1, ADDRESS, 1, ADDRESS, 1, 0)),
    "process_vm_writev": (311, 271, (1, ADDRESS, 1, ADDRESS, 1, 0)),
    "kcmp": (312, 272, (1, 1, 0, 0, 0)),
    "pidfd_getfd": (438, 438, (0, 0, 0)),
    "process_madvise": (440, 440, (0, ADDRESS, 1, 4, 0)),
    "io_uring_setup": (425, 425, (8, ADDRESS)),
    "io_uring_enter": (426, 426, (0, 1, 0, 0, 0, 0)),
    "io_uring_register": (427, 427, (0, 0, 0, 0)),
    "userfaultfd": (323, 282, (1,)),
    "bpf PROG_LOAD": (321, 280, (5, ADDRESS, 128)),
    "bpf MAP_CREATE": (321, 280, (0, ADDRESS, 72)),
    "perf_event_open": (298, 241, (ADDRESS, 0, -1, -1, 0)),
    "keyctl": (250, 219, (0, -3, 1)),
    "add_key": (248, 217, (ADDRESS, ADDRESS, ADDRESS, 8, -3)),
    "request_key": (249, 218, (ADDRESS, ADDRESS, 0, -3)),
    "mount": (165, 40, (ADDRESS, ADDRESS, ADDRESS, 0, 0)),
    "umount2": (166, 39, (ADDRESS, 2)),
    "pivot_root": (155, 41, (ADDRESS, ADDRESS)),
    "chroot": (161, 51, (ADDRESS,)),
    "open_tree": (428, 428, (AT_FDCWD, ADDRESS, 1)),
    "move_mount": (429, 429, (0, ADDRESS, AT_FDCWD, ADDRESS, 4)),
    "fsopen": (430, 430, (ADDRESS, 0)),
    "fsmount": (432, 432, (0, 0, 0)),
    "mount_setattr": (442, 442, (AT_FDCWD, ADDRESS, 0, ADDRESS, 32)),
    "statmount": (457, 457, (ADDRESS, ADDRESS, 512, 0)),
    "listmount": (458, 458, (ADDRESS, ADDRESS, 8, 0)),
    "open_tree_attr": (467, 467, (AT_FDCWD, ADDRESS, 1, ADDRESS, 32)),
    "setns": (308, 268, (0, 0)),
    "name_to_handle_at": (303, 264, (AT_FDCWD, ADDRESS, ADDRESS, ADDRESS, 0)),
    "open_by_handle_at": (304, 265, (AT_FDCWD, ADDRESS, 0)),
    "fanotify_init": (300, 262, (0, 0)),
    "fanotify_mark": (301, 263, (0, 1, 1, AT_FDCWD, ADDRESS)),
    "init_module": (175, 105, (ADDRESS, 4096, ADDRESS)),
    "finit_module": (313, 273, (0, ADDRESS, 0)),
    "delete_module": (176, 106, (ADDRESS, 0)),
    "kexec_load": (246, 104, (0, 0, 0, 0)),
    "kexec_file_load": (320, 294, (0, 0, 1, ADDRESS, 0)),
    "reboot": (169, 142, (0xFEE1DEAD, 0x28121969, 0, 0)),
    "swapon": (167, 224, (ADDRESS, 0)),
    "acct": (163, 89, (ADDRESS,)),
    "syslog": (103, 116, (3, ADDRESS, 4096)),
    "quotactl": (179, 60, (0x800002, ADDRESS, 0, ADDRESS)),
    "sethostname": (170, 161, (ADDRESS, 4)),
    "setdomainname": (171, 162, (ADDRESS, 4)),
    "settimeofday": (164, 170, (ADDRESS, 0)),
    "clock_settime": (227, 112, (0, ADDRESS)),
    "adjtimex": (159, 171, (ADDRESS,)),
    "personality READ_IMPLIES_EXEC": (135, 92, (0x0400000,)),
    "personality ADDR_NO_RANDOMIZE": (135, 92, (0x0040000,)),
    "mbind": (237, 235, (ADDRESS, 4096, 0, 0, 0, 0)),
    "move_pages": (279, 239, (0, 1, ADDRESS, 0, ADDRESS, 0)),
    "migrate_pages": (256, 238, (0, 1, ADDRESS, ADDRESS)),
    "memfd_secret": (447, 447, (0,)),
    "lsm_set_self_attr": (460, 460, (100, ADDRESS, 4096, 0)),
    "a call that is none": (1000, 1000, (0,)),
}
ONLY_X86 = {
    "iopl": (172, (3,)),
    "ioperm": (173, (0, 1, 1)),
    "modify_ldt": (154, (1, ADDRESS, 16)),
    "vfork by its number in another table": (0x2000003A, ()),
}
CLONE = (56, 220)
CLONE3 = 435
UNSHARE = (272, 97)


def run(inputs, options):
    x86 = os.uname().machine == "x86_64"
    number = lambda pair: pair[0 if x86 else 1]  # noqa: E731
    done = []

    def attempt(name, call, *arguments):
        result = libc.syscall(ctypes.c_long(call), *[ctypes.c_long(argument) for argument in arguments])
        if result == 0 and name.startswith("clone"):
            os._exit(0)
        if result != -1:
            done.append(name)

    for name, (first, second, arguments) in CALLS.items():
        attempt(name, number((first, second)), *arguments)
    if x86:
        for name, (call, arguments) in ONLY_X86.items():
            attempt(name, call, *arguments)
    for name, flag in NAMESPACES.items():
        attempt(f"unshare {name}", number(UNSHARE), flag)
        # The low byte of these flags is the signal, so there is no way to ask for a time namespace.
        if flag > 0xFF:
            attempt(f"clone {name}", number(CLONE), flag | SIGCHLD, 0, 0, 0, 0)
        request = ctypes.create_string_buffer(struct.pack("8Q", flag, 0, 0, 0, SIGCHLD, 0, 0, 0))
        attempt(f"clone3 {name}", CLONE3, ctypes.addressof(request), 64)
    return {"done.txt": ", ".join(done)}
