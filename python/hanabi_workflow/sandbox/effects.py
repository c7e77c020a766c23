"""The table of what differs from one replay to the next, and what each row becomes inside a run.

A row is met in three ways. Code of the run is refused, or given the deterministic value while its modules are loaded.
Passed-through code on the way (logging asks for the time, uuid for random bytes) gets the deterministic value where
there is one; otherwise it is left alone, or, where `reach` is DEEP, refused as well: whoever opens a file or a socket
does so at the bottom of many paths, and this is the one place they have in common.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .run import SandboxRun

DEEP = "deep"
NAMED = "named"


@dataclass(frozen=True, eq=False)
class Effect:
    """`path` as matchers spell it, the first `module_parts` of it naming the module; `when` says for which arguments
    there is an effect at all."""

    path: tuple[str, ...]
    module_parts: int = 1
    remedy: str | None = None
    substitute: Callable[..., Any] | None = None
    when: Callable[[tuple, dict], bool] | None = None
    reach: str = NAMED
    at_import: bool = False
    """Refused while modules are loaded, too: nothing of it would be the same, or end with the run."""


def _rows(module: str, names: str, **fields: Any) -> Iterable[Effect]:
    parts = module.split(".")
    for name in names.split():
        yield Effect((*parts, *name.split(".")), len(parts), **fields)


def _missing(position: int, keyword: str) -> Callable[[tuple, dict], bool]:
    """The effect is there when this argument is absent or None."""

    def when(args: tuple, kwargs: dict) -> bool:
        return (args[position] if len(args) > position else kwargs.get(keyword)) is None

    return when


def _clock(unit_ns: int) -> Callable[..., Any]:
    def read(run: SandboxRun, original: Any, *args: Any) -> Any:
        return run.time_ns() if unit_ns == 1 else run.time_ns() / unit_ns

    return read


def _at_now(position: int) -> Callable[..., Any]:
    """time.gmtime and its kind: the same function, of the time of the run."""

    def call(run: SandboxRun, original: Any, *args: Any) -> Any:
        import time

        now: Any = run.time_ns() / 1e9
        if original.__name__ in ("asctime", "strftime"):
            now = time.localtime.__wrapped__(now)
        return original(*args[:position], now)

    return call


def _of_random(run: SandboxRun, original: Any, *args: Any, **kwargs: Any) -> Any:
    return getattr(run.random, original.__name__)(*args, **kwargs)


def _of_system_random(run: SandboxRun, original: Any, generator: Any, *args: Any) -> Any:
    return getattr(run.random, original.__name__)(*args)


def _seeded(run: SandboxRun, original: Any, generator: Any, *args: Any, **kwargs: Any) -> Any:
    return original(generator, run.random.getrandbits(64))


def _bytes(run: SandboxRun, original: Any, size: int, *args: Any) -> bytes:
    return run.random.randbytes(size)


def _uuid(run: SandboxRun, original: Any, *args: Any, **kwargs: Any) -> uuid.UUID:
    return run.uuid4()


def _now(run: SandboxRun, original: Any, cls: Any, tz: Any = None) -> Any:
    seconds = run.time_ns() / 1e9
    return cls.fromtimestamp(seconds) if tz is None else cls.fromtimestamp(seconds, tz)


def _utcnow(run: SandboxRun, original: Any, cls: Any) -> Any:
    return cls.utcfromtimestamp(run.time_ns() / 1e9)


_NOW = {"remedy": "workflow.now() or workflow.time()"}
_RANDOM = {"remedy": "workflow.random()"}
_SLEEP = {"remedy": "workflow.sleep() or asyncio.sleep()"}
_DEEP = {"reach": DEEP, "remedy": "an activity"}
_NEVER = {"reach": DEEP, "remedy": "an activity", "at_import": True}
_RANDOM_NAMES = (
    "random uniform randint choice choices sample shuffle randrange gauss betavariate expovariate gammavariate "
    "lognormvariate normalvariate paretovariate triangular vonmisesvariate weibullvariate getrandbits randbytes seed "
    "getstate setstate binomialvariate"
)


def _clocks() -> Iterable[Effect]:
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        yield from _rows("time", name, substitute=_clock(10**9), **_NOW)
        yield from _rows("time", f"{name}_ns", substitute=_clock(1), **_NOW)
    yield from _rows("time", "clock_gettime", substitute=_clock(10**9), **_NOW)
    yield from _rows("time", "clock_gettime_ns", substitute=_clock(1), **_NOW)
    yield from _rows("time", "localtime gmtime", when=_missing(0, "seconds"), substitute=_at_now(0), **_NOW)
    yield from _rows("time", "ctime", when=_missing(0, "seconds"), substitute=_at_now(0), **_NOW)
    yield from _rows("time", "asctime", when=_missing(0, "t"), substitute=_at_now(0), **_NOW)
    yield from _rows("time", "strftime", when=_missing(1, "t"), substitute=_at_now(1), **_NOW)
    yield from _rows("time", "sleep", reach=DEEP, **_SLEEP)
    yield from _rows("time", "tzset", at_import=True)
    yield from _rows("datetime", "datetime.now datetime.today", substitute=_now, **_NOW)
    yield from _rows("datetime", "datetime.utcnow", substitute=_utcnow, **_NOW)
    yield from _rows("datetime", "date.today", substitute=_now, **_NOW)


def _randomness() -> Iterable[Effect]:
    yield from _rows("random", _RANDOM_NAMES, substitute=_of_random, **_RANDOM)
    yield from _rows("random", "Random.__init__ Random.seed", when=_unseeded, substitute=_seeded, **_RANDOM)
    system = "SystemRandom.random SystemRandom.getrandbits SystemRandom.randbytes"
    yield from _rows("random", system, substitute=_of_system_random, **_RANDOM)
    yield from _rows("random", "_inst", **_RANDOM)
    yield from _rows("_random", "Random", **_RANDOM)
    yield from _rows("secrets", "token_bytes token_hex token_urlsafe choice randbelow randbits", **_RANDOM)
    yield from _rows("os", "urandom getrandom", substitute=_bytes, **_RANDOM)
    yield from _rows("ssl", "RAND_bytes RAND_pseudo_bytes", substitute=_bytes, **_RANDOM)
    yield from _rows("uuid", "uuid1 uuid4", substitute=_uuid, remedy="workflow.uuid4()")
    yield from _rows("uuid", "getnode")
    numpy = "rand randn randint random random_sample choice shuffle permutation normal uniform seed"
    yield from _rows("numpy.random", numpy, **_RANDOM)
    yield from _rows("numpy.random", "default_rng RandomState", when=_missing(0, "seed"), **_RANDOM)


def _unseeded(args: tuple, kwargs: dict) -> bool:
    # The generator itself is args[0]; Random names the seed x when it is made and a when it is seeded again.
    return (args[1] if len(args) > 1 else kwargs.get("x", kwargs.get("a"))) is None


def _is_no_zone_data(args: tuple, kwargs: dict) -> bool:
    # zoneinfo is written in C, so its own frame is not seen, and it reads where the installation has the zones.
    zoneinfo = sys.modules.get("zoneinfo")
    path = args[0] if args else kwargs.get("file")
    return zoneinfo is None or not isinstance(path, str) or not path.startswith(tuple(zoneinfo.TZPATH))


def _files() -> Iterable[Effect]:
    yield from _rows("__builtins__", "open", when=_is_no_zone_data, **_DEEP)
    yield from _rows("__builtins__", "input breakpoint", reach=DEEP)
    yield from _rows("io", "open_code", **_DEEP)
    yield from _rows("io", "FileIO", **_DEEP)
    yield from _rows("_io", "FileIO", **_DEEP)
    yield from _rows(
        "os",
        "access chmod chown chroot copy_file_range getcwd getcwdb getxattr lchown link listdir listxattr lstat mkdir "
        "mkfifo mknod memfd_create open openpty pipe pipe2 readlink remove removexattr rename replace rmdir scandir "
        "setxattr stat statvfs symlink sync truncate unlink utime",
        **_DEEP,
    )
    yield from _rows(
        "os", "read write pread pwrite close fstat ftruncate lseek sendfile isatty ttyname get_terminal_size", **_DEEP
    )
    yield from _rows("logging", "FileHandler.__init__")
    yield from _rows("sqlite3", "connect", **_DEEP)
    yield from _rows("dbm", "open", **_DEEP)
    yield from _rows("shelve", "open", **_DEEP)
    yield from _rows("mmap", "mmap", **_DEEP)
    yield from _rows("fcntl", "fcntl flock ioctl lockf", **_DEEP)


def _machine() -> Iterable[Effect]:
    given = {"remedy": "an argument of the workflow"}
    yield from _rows("os", "environ environb getenv getenvb get_exec_path", **given)
    yield from _rows("posix", "environ", **given)
    yield from _rows("sys", "argv stdin", **given)
    yield from _rows(
        "os",
        "getpid getppid getuid geteuid getgid getegid getgroups getlogin getpgid getpgrp getsid getresuid getresgid "
        "getpriority uname cpu_count getloadavg times sched_getaffinity sysconf confstr process_cpu_count",
    )
    yield from _rows("platform", "architecture machine node platform processor release system uname version")
    yield from _rows("multiprocessing", "cpu_count current_process")
    yield from _rows("getpass", "getuser getpass")
    yield from _rows("pwd", "getpwall getpwnam getpwuid")
    yield from _rows("grp", "getgrall getgrgid getgrnam")
    yield from _rows("resource", "getrusage getrlimit setrlimit")
    yield from _rows("threading", "get_ident get_native_id active_count enumerate current_thread main_thread")
    yield from _rows("_thread", "get_ident get_native_id")
    yield from _rows("gc", "collect disable enable freeze get_count get_objects get_referents get_referrers get_stats")
    yield from _rows("gc", "get_threshold set_threshold set_debug unfreeze")
    yield from _rows("sys", "getrefcount getallocatedblocks _current_frames _current_exceptions _debugmallocstats")
    yield from _rows("tracemalloc", "get_traced_memory start stop take_snapshot")
    yield from _rows("ctypes", "CDLL.__init__ PyDLL.__init__ cast string_at wstring_at memmove memset", **_NEVER)
    yield from _rows("ctypes", "pythonapi cdll pydll", **_NEVER)
    yield from _rows("_ctypes", "dlopen", **_NEVER)


def _network() -> Iterable[Effect]:
    yield from _rows("socket", "socket.__init__ create_connection create_server socketpair fromfd", **_NEVER)
    yield from _rows("socket", "getaddrinfo gethostbyaddr gethostbyname gethostbyname_ex getnameinfo", **_NEVER)
    yield from _rows("socket", "gethostname getfqdn if_nameindex getservbyname getprotobyname", **_DEEP)
    yield from _rows("socket", "setdefaulttimeout", at_import=True)
    yield from _rows("_socket", "socket", **_NEVER)
    yield from _rows("select", "select poll epoll", **_DEEP)
    yield from _rows("urllib.request", "urlopen urlretrieve", **_DEEP)


def _processes() -> Iterable[Effect]:
    yield from _rows("threading", "Thread.start", remedy="asyncio.create_task() or an activity", reach=DEEP, at_import=True)
    yield from _rows("_thread", "start_new_thread start_new", **_NEVER)
    yield from _rows("subprocess", "Popen.__init__", **_NEVER)
    yield from _rows("_posixsubprocess", "fork_exec", **_NEVER)
    yield from _rows("multiprocessing.process", "BaseProcess.start", **_NEVER)
    yield from _rows(
        "os",
        "_exit abort execv execve fork forkpty kill killpg popen posix_spawn posix_spawnp register_at_fork "
        "sched_setaffinity setpgid setsid spawnv spawnve system wait wait3 wait4 waitid waitpid",
        **_NEVER,
    )
    yield from _rows("asyncio", "run new_event_loop to_thread create_subprocess_exec create_subprocess_shell", **_DEEP)
    yield from _rows("asyncio", "open_connection start_server open_unix_connection start_unix_server", **_DEEP)
    yield from _rows("asyncio", "set_event_loop set_event_loop_policy", **_DEEP)


def _shared_state() -> Iterable[Effect]:
    """What one run would change for all others in the process."""
    shared = {"at_import": True}
    yield from _rows("os", "chdir fchdir putenv unsetenv umask nice setpriority", **shared)
    yield from _rows("signal", "alarm pause raise_signal set_wakeup_fd setitimer signal sigwait", **shared)
    yield from _rows("atexit", "register unregister", **shared)
    yield from _rows("locale", "setlocale", **shared)
    yield from _rows("sys", "setprofile setrecursionlimit setswitchinterval settrace addaudithook", **shared)
    yield from _rows("threading", "setprofile settrace stack_size", **shared)
    yield from _rows("codecs", "register", **shared)
    yield from _rows("copyreg", "add_extension", **shared)
    yield from _rows("mimetypes", "add_type init", **shared)
    yield from _rows("importlib", "reload invalidate_caches", **shared)
    yield from _rows("faulthandler", "enable disable register dump_traceback_later", **shared)


def _all() -> tuple[Effect, ...]:
    groups = (_clocks, _randomness, _files, _machine, _network, _processes, _shared_state)
    return tuple(effect for group in groups for effect in group())


EFFECTS: tuple[Effect, ...] = _all()
