#!/usr/bin/python3
"""Builds the seccomp programs of the sandbox: `/usr/bin/python3 packages/sandbox/seccomp/build.py [FOLDER]`.

From the same tables come one program for each processor, as the kernel takes it, and a profile for container engines.

Needs Debian's python3-seccomp. The results are committed; a test builds them again and compares.

What is not named here does not exist for a worker (ENOSYS, so that newer libraries fall back to older calls); what it
plainly must not do is refused by name (EPERM).
"""

import json
import sys
from pathlib import Path

from seccomp import ALLOW, EQ, ERRNO, KILL_PROCESS, MASKED_EQ, NE, Arch, Arg, Attr, SyscallFilter, resolve_syscall

EPERM = 1
ENOSYS = 38
EAFNOSUPPORT = 97

ARCHITECTURES = ("x86_64", "aarch64")

ALLOWED = {
    "files": """
        access faccessat faccessat2 open openat openat2 creat close close_range read write readv writev
        pread64 pwrite64 preadv preadv2 pwritev pwritev2 lseek stat lstat fstat newfstatat statx statfs fstatfs
        truncate ftruncate fallocate fadvise64 readahead sync_file_range copy_file_range sendfile splice tee vmsplice
        getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link
        linkat symlink symlinkat readlink readlinkat chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat umask
        utime utimes utimensat futimesat flock fcntl dup dup2 dup3 pipe pipe2 fsync fdatasync sync syncfs ioctl
        getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr flistxattr removexattr
        lremovexattr fremovexattr inotify_init inotify_init1 inotify_add_watch inotify_rm_watch memfd_create cachestat
    """,
    "waiting": """
        poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd
        eventfd2 timerfd_create timerfd_settime timerfd_gettime signalfd signalfd4 io_setup io_submit io_getevents
        io_pgetevents io_cancel io_destroy
    """,
    "memory": """
        brk mmap munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall membarrier
        pkey_alloc pkey_free pkey_mprotect map_shadow_stack
    """,
    "processes": """
        fork vfork execve execveat exit exit_group wait4 waitid kill tkill tgkill rt_sigaction rt_sigprocmask
        rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_tgsigqueueinfo rt_sigsuspend rt_sigreturn sigaltstack
        restart_syscall pause alarm getitimer setitimer pidfd_open pidfd_send_signal getpid getppid gettid getpgid
        getpgrp setpgid getsid setsid getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid
        setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capget capset prctl arch_prctl seccomp
        landlock_create_ruleset landlock_add_rule landlock_restrict_self getpriority setpriority ioprio_get ioprio_set
        getrlimit setrlimit prlimit64 getrusage times sysinfo uname getcpu set_tid_address set_robust_list
        get_robust_list rseq futex futex_waitv futex_wake futex_wait futex_requeue sched_yield sched_getaffinity
        sched_setaffinity sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_getattr
        sched_setattr sched_get_priority_max sched_get_priority_min sched_rr_get_interval
    """,
    "time and chance": """
        time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep timer_create timer_settime timer_gettime
        timer_getoverrun timer_delete getrandom
    """,
    "between processes": """
        bind connect listen accept accept4 getsockname getpeername getsockopt setsockopt sendto recvfrom sendmsg
        recvmsg sendmmsg recvmmsg shutdown shmget shmat shmctl shmdt semget semop semtimedop semctl msgget msgsnd
        msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
    """,
}

REFUSED = {
    "other processes": "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp",
    "namespaces and mounts": """
        unshare setns mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr
        name_to_handle_at open_by_handle_at fanotify_init fanotify_mark quotactl quotactl_fd
    """,
    "keys": "keyctl add_key request_key",
    "wide interfaces of the kernel": """
        bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register lookup_dcookie vhangup acct
        modify_ldt iopl ioperm memfd_secret
    """,
    "the machine": """
        reboot kexec_load kexec_file_load init_module finit_module delete_module swapon swapoff sethostname
        setdomainname settimeofday clock_settime clock_adjtime adjtimex syslog nfsservctl
    """,
    "NUMA": "mbind get_mempolicy set_mempolicy set_mempolicy_home_node migrate_pages move_pages",
}

AF_UNIX = 1
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
CLONE_NAMESPACES = 0x7E020000
FILE_TYPE = 0o170000
# "No type" is a regular file.
NODE_TYPES = (0, 0o100000, 0o010000, 0o140000)
# The plain personality, and the question which one it is.
PERSONALITIES = (0, 0xFFFFFFFF)
WITH_CONDITIONS = ("socket", "socketpair", "clone", "mknod", "mknodat", "personality")
# Above all that there are.
CALL_NUMBERS = 1024


def build(architecture):
    program = SyscallFilter(ERRNO(ENOSYS))
    if Arch() != Arch(architecture):
        program.remove_arch(Arch())
        program.add_arch(Arch(architecture))
    # 32-bit calls would go round every rule below.
    program.set_attr(Attr.ACT_BADARCH, KILL_PROCESS)
    for name in names(ALLOWED):
        program.add_rule(ALLOW, name)
    for name in names(REFUSED):
        program.add_rule(ERRNO(EPERM), name)
    for name in ("socket", "socketpair"):
        program.add_rule(ALLOW, name, Arg(0, EQ, AF_UNIX))
        program.add_rule(ERRNO(EAFNOSUPPORT), name, Arg(0, NE, AF_UNIX))
    # clone3 has its flags in memory, where no rule can see them: left out, so that libraries use clone.
    program.add_rule(ALLOW, "clone", Arg(0, MASKED_EQ, CLONE_NAMESPACES, 0))
    for node_type in NODE_TYPES:
        program.add_rule(ALLOW, "mknod", Arg(1, MASKED_EQ, FILE_TYPE, node_type))
        program.add_rule(ALLOW, "mknodat", Arg(2, MASKED_EQ, FILE_TYPE, node_type))
    for personality in PERSONALITIES:
        program.add_rule(ALLOW, "personality", Arg(0, EQ, personality))
    return program


def container_profile():
    """The same rules in the language of container engines, which compile them for the processor that they run on."""
    listed = {*names(ALLOWED), *names(REFUSED), *WITH_CONDITIONS}
    not_there = sorted(known_names() - listed)

    def allow(call, index, value, mask=None):
        compare = {"op": "SCMP_CMP_EQ", "value": value}
        if mask is not None:
            compare = {"op": "SCMP_CMP_MASKED_EQ", "value": mask, "valueTwo": value}
        return {"names": [call], "action": "SCMP_ACT_ALLOW", "args": [{"index": index, **compare}]}

    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": ENOSYS,
        "syscalls": [
            {"names": sorted(names(ALLOWED)), "action": "SCMP_ACT_ALLOW"},
            {"names": sorted(names(REFUSED)), "action": "SCMP_ACT_ERRNO", "errnoRet": EPERM},
            # By name as well: engines before Docker 23 do not know another default than EPERM.
            {"names": not_there, "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS},
            *(allow(name, 0, AF_UNIX) for name in ("socket", "socketpair")),
            {
                "names": ["socket", "socketpair"],
                "action": "SCMP_ACT_ERRNO",
                "errnoRet": EAFNOSUPPORT,
                "args": [{"index": 0, "value": AF_UNIX, "op": "SCMP_CMP_NE"}],
            },
            allow("clone", 0, 0, CLONE_NAMESPACES),
            *(allow("mknod", 1, node_type, FILE_TYPE) for node_type in NODE_TYPES),
            *(allow("mknodat", 2, node_type, FILE_TYPE) for node_type in NODE_TYPES),
            *(allow("personality", 0, personality) for personality in PERSONALITIES),
        ],
    }


def known_names():
    """Every call of the architectures that this version of the library has a name for."""
    found = set()
    for architecture in ARCHITECTURES:
        for number in range(CALL_NUMBERS):
            try:
                found.add(resolve_syscall(Arch(architecture), number).decode())
            except ValueError:
                pass
    return found


def names(groups):
    return [name for text in groups.values() for name in text.split()]


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for architecture in ARCHITECTURES:
        with open(folder / f"{architecture}.bpf", "wb") as file:
            build(architecture).export_bpf(file)
    (folder / "container.json").write_text(json.dumps(container_profile(), indent=1) + "\n")


if __name__ == "__main__":
    main()
