"""Makes sealed processes for workers by cloning itself: `python3 -I -S __main__.py SETTINGS`, in a bubblewrap of its own.

It never runs code of a module and never hears of one: it is told numbers only. What a job is reaches the clone over the
job's own channel, so no other clone can find a trace of it in its memory.

The host writes requests to descriptor 3, `op box slot`, and reads answers there, `op box a b c`:

    m box slot   make a box in that slot      → M box in out log   the host's ends, to be opened in /proc/PID/fd
                                              → F box errno        it could not be made
    o box        they have been opened
    k box        kill it                      → X box code         when nothing lives in it any more, killed or not
"""

import gc
import json
import os
import select
import signal
import struct
import sys

PLACES = ["/fork_server", "/runner"]

sys.path += PLACES

from hanabi_fork_server import box, kernel  # noqa: E402
import hanabi_runner.ctx.context  # noqa: E402, F401  what a runner of its own would load when a job asks for it
from hanabi_runner.profiles import job, workflow  # noqa: E402

del sys.path[-len(PLACES) :]

CONTROL = 3
# Four is kept for the channel of the clones.
FIRST_JOIN = 5
REQUEST = struct.Struct("!cIH")
ANSWER = struct.Struct("!cIiii")


class ForkServer:
    def __init__(self, settings):
        self._settings = settings
        with open("/seccomp.bpf", "rb") as file:
            self._seccomp = kernel.SeccompProgram(file.read())
        self._collecting = kernel.SeccompProgram(kernel.collecting_program())
        self._poll = select.poll()
        self._poll.register(CONTROL, select.POLLIN)
        self._pids = {}  # box → its first process
        self._pidfds = {}  # box → the same as a descriptor
        self._ends = {}  # box → the host's ends, until it has opened them
        self._boxes = {}  # pidfd → box

    def serve(self):
        self._answer(b"R", 0)
        while True:
            for ready, _ in self._poll.poll():
                if ready == CONTROL:
                    self._take(os.read(CONTROL, REQUEST.size * 64))
                else:
                    self._bury(self._boxes.pop(ready))

    def _take(self, data):
        while not data or len(data) % REQUEST.size:
            more = os.read(CONTROL, REQUEST.size - len(data) % REQUEST.size) if data else b""
            if not more:
                os._exit(0)  # the host has gone; every box goes with this process
            data += more
        for op, number, slot in REQUEST.iter_unpack(data):
            if op == b"m":
                self._make(number, slot)
            elif op == b"k" and number in self._pidfds:
                signal.pidfd_send_signal(self._pidfds[number], signal.SIGKILL)
            elif op == b"o":
                close_all(self._ends.pop(number, ()))

    def _make(self, number, slot):
        pipes = [os.pipe() for _ in range(4)]
        (in_read, in_write), (out_read, out_write), (log_read, log_write), (mapped_read, mapped_write) = pipes
        pid = 0
        try:
            pid = kernel.clone(box.NAMESPACES)
            if pid == 0:
                try:
                    os.close(mapped_write)
                    self._become(slot, (in_read, out_write, log_write), mapped_read)
                finally:
                    os._exit(1)  # never back into the loop of the server
            self._map_users(pid, slot)
            os.write(mapped_write, b"+")
        except OSError as error:
            if pid:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            close_all([in_write, out_read, log_read])
            self._answer(b"F", number, error.errno)
            return
        finally:
            close_all([in_read, out_write, log_write, mapped_read, mapped_write])
        pidfd = os.pidfd_open(pid)
        self._pids[number], self._pidfds[number], self._boxes[pidfd] = pid, pidfd, number
        self._ends[number] = in_write, out_read, log_read
        self._poll.register(pidfd, select.POLLIN)
        self._answer(b"M", number, in_write, out_read, log_read)

    def _become(self, slot, descriptors, mapped):
        """In the clone."""
        for known in (self._pids, self._pidfds, self._ends, self._boxes):
            known.clear()
        joins = self._settings["joins_per_slot"]
        first = FIRST_JOIN + slot * joins
        files = range(first, first + joins)
        box.enter(descriptors, mapped, files, self._settings["mounts"], self._seccomp, self._collecting)
        try:
            job.main()
        except BaseException:
            sys.excepthook(*sys.exc_info())

    def _map_users(self, pid, slot):
        user = self._settings["first_uid"] + slot
        for name in ("uid_map", "gid_map"):
            box.write(f"/proc/{pid}/{name}", f"{box.NOBODY} {user} 1\n".encode())

    def _bury(self, number):
        _, status = os.waitpid(self._pids.pop(number), 0)
        pidfd = self._pidfds.pop(number)
        self._poll.unregister(pidfd)
        close_all([pidfd, *self._ends.pop(number, ())])
        self._answer(b"X", number, box.exit_code(status))

    def _answer(self, op, number, a=0, b=0, c=0):
        os.write(CONTROL, ANSWER.pack(op, number, a, b, c))


def close_all(files):
    for file in files:
        os.close(file)


def main():
    os.environ["PWD"] = "/tmp"
    settings = json.loads(sys.argv[1])
    os.dup2(0, FIRST_JOIN - 1)
    # Whoever started the host may have left some open.
    os.closerange(FIRST_JOIN + settings["joins"], 1 << 20)
    server = ForkServer(settings)
    if settings["activities"]:
        workflow.load_activities()
    gc.collect()
    gc.freeze()
    server.serve()


main()
