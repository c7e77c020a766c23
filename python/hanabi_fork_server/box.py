"""A fresh clone on its way to one job: its own namespaces hold nothing yet, and at the end it has no way back."""

import os
import resource
import signal
import sys

from hanabi_fork_server import kernel
from hanabi_runner.wire import FD_IN, FD_OUT, Channel

TEMPLATE = "/template"
NOBODY = 65534
NAMESPACES = (
    kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWNS
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
)
SAFE = kernel.MS_NOSUID | kernel.MS_NODEV


def enter(descriptors, mapped, joins, mounts, seccomp, collecting):
    """In the clone: comes back as the process that is to become the runner. Everything else ends in here."""
    try:
        for file in joins:
            os.write(file, b"0")
        if os.read(mapped, 1) != b"+":
            os._exit(1)  # the fork server has gone before our user was mapped
        # The group that was joined is the root of what can be seen from inside. The other namespaces are there already.
        kernel.unshare(kernel.CLONE_NEWCGROUP)
        _place_descriptors(*descriptors)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.bound_capabilities()
        worker = os.fork()
        if worker != 0:
            _collect(worker, collecting)
        # All of the rest in the one process that goes on: whatever two of them touch is copied twice.
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.set_host_name("sandbox")
        _mount_own(mounts)
        # Only the capabilities that are about to be dropped could raise it again.
        write("/proc/sys/user/max_user_namespaces", b"0")
        _take_what_the_job_needs()
        _give_up_rights(seccomp)
    except BaseException as error:
        # The host takes what is printed before the runner is ready for the reason.
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    _forget_the_fork_server()


def write(path, data):
    """Into a file that is there; open() would ask it many things."""
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(file, data)
    finally:
        os.close(file)


def _place_descriptors(fd_in, fd_out, log):
    """Only the standard streams and the channel stay open. All of the given ones are above those."""
    for source, target in ((fd_in, FD_IN), (fd_out, FD_OUT), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.closerange(FD_OUT + 1, 1 << 20)


def _mount_own(steps):
    kernel.mount(None, "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    # A mount that came from outside cannot become the root; a copy of it that was made in here can.
    kernel.mount(TEMPLATE, TEMPLATE, flags=kernel.MS_BIND | kernel.MS_REC)
    kernel.mount(
        "devpts", f"{TEMPLATE}/dev/pts", "devpts", kernel.MS_NOSUID | kernel.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620"
    )
    _mount(steps)


def _mount(steps):
    for step in steps:
        target = TEMPLATE + step["target"]
        if step["kind"] == "bind":
            _bind(step["source"], target, step.get("writable", False))
        elif step["kind"] == "tmpfs":
            kernel.mount("tmpfs", target, "tmpfs", SAFE, f"mode={step['mode']},size={step['size_bytes']}")
        elif step["kind"] == "proc":
            kernel.mount("proc", target, "proc", SAFE | kernel.MS_NOEXEC)
        else:
            raise ValueError(f"a mount of kind {step['kind']}")


def _bind(source, target, writable):
    kernel.mount(source, target, flags=kernel.MS_BIND | kernel.MS_REC)
    # What the host forbids on that file system stays forbidden: asking for less would be refused.
    flags = SAFE | (os.statvfs(target).f_flag & (kernel.MS_RDONLY | kernel.MS_NOEXEC))
    if not writable:
        flags |= kernel.MS_RDONLY
    kernel.mount(None, target, flags=kernel.MS_REMOUNT | kernel.MS_BIND | flags)


def _collect(worker, collecting):
    """The first process of the namespace: buries whoever dies in there, and ends with the worker."""
    os.closerange(0, FD_OUT + 1)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _give_up_rights(collecting)
    while True:
        pid, status = os.wait()
        if pid == worker:
            os._exit(exit_code(status))


def exit_code(status):
    """As a shell has it."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _take_what_the_job_needs():
    os.setsid()
    # The first frame is for us: what only the job knows.
    late = Channel().receive()
    _mount(late["mounts"])
    kernel.enter_root(TEMPLATE)
    os.chdir("/tmp")
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for name, pair in late["limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), tuple(pair))


def _give_up_rights(seccomp):
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.apply()


def _forget_the_fork_server():
    """A worker finds what it would find in a Python of its own."""
    sys.argv[:] = ["/runner/hanabi_runner/__main__.py"]
    for name in [name for name in sys.modules if name.startswith("hanabi_fork_server")]:
        del sys.modules[name]
    sys.modules["__main__"] = type(sys)("__main__")
