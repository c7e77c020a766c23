"""Runs programs that break out of the restricted language, in a language that is not restricted, and then looks around
with all of Python: what each reached of what it was told to look for."""

import builtins
import json
import os
import socket

SENTINELS = ("/etc/shadow", "/root", "/home", "/proc/1/root/root")


def refused(action):
    try:
        action()
    except (OSError, ValueError):
        return True
    return False


def reached(options):
    tries = {path: lambda path=path: open(path).read() for path in [*SENTINELS, options["secret"]]}
    tries["inet"] = lambda: socket.create_connection(("127.0.0.1", options["port"]), 1)
    tries["abstract"] = lambda: socket.socket(socket.AF_UNIX).connect("\0" + options["abstract"])
    tries["runner"] = lambda: open("/runner/hanabi_runner/wire.py", "a")
    tries["module"] = lambda: open("/module/new", "w")
    own = {"1", str(os.getpid()), str(os.getppid())}
    tries["neighbours"] = lambda: [pid for pid in os.listdir("/proc") if pid.isdigit() and pid not in own][0]
    tries["environment"] = lambda: os.environ["HANABI_SESSION_SECRET"]
    found = []
    for name, action in tries.items():
        try:
            if not refused(action):
                found.append(name)
        except (LookupError, TypeError):
            pass
    return found


class Ctx:
    _channel = "escaped"

    class log:
        pass

    def __init__(self):
        secret = "escaped"
        self.log = Ctx.log()
        self.log.info = lambda message: secret


def outcome_of(source, is_loot, options):
    ctx = Ctx()
    space = {"__name__": "escape", "__builtins__": vars(builtins), "ctx": ctx}
    exec(compile(source, "escape.py", "exec"), space)
    return ",".join(["loot" if is_loot(space["tick"](ctx)) else "nothing", *reached(options)])


def in_child(action):
    """Some of them change Python itself: each has a process of its own."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write_end, action().encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with open(read_end, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    return text


def run(inputs, options):
    kit = {}
    exec(inputs.pop("escape_loot.py"), kit)
    outcomes = {
        name: in_child(lambda source=source: outcome_of(source, kit["is_loot"], options))
        for name, source in inputs.items()
    }
    return {"outcome.json": json.dumps(outcomes)}
