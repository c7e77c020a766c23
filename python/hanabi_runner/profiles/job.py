"""One sealed job: inputs as bytes in, `run` of the author's worker, files out. Then the process ends."""

import posix
import sys

from hanabi_runner.failure import Failure, failure_of, flush_log
from hanabi_runner.loader import find_run, load_worker
from hanabi_runner.outputs import events_of, files_of
from hanabi_runner.wire import FD_OUT, Channel, WireError

INPUT_FOLDER = "/in"

# The host makes a safe leaf of a name; this only keeps an absurd one inside a frame.
NAME_CHARS_MAX = 4096

# Compared by identity of type: collections.abc and inspect cost more than the job.
_Generator = type((lambda: (yield))())


def main():
    channel = Channel()
    _close_strays()
    sys.dont_write_bytecode = True
    # Line by line, so that a worker that is killed leaves its last words.
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    channel.send(kind="ready")
    try:
        job = channel.receive()
    except WireError:
        posix._exit(1)  # the host has no job for this sandbox
    try:
        files = perform(channel, job)
        flush_log()
        for name, data in files:
            channel.send(kind="file", name=name[-NAME_CHARS_MAX:], size_bytes=len(data))
            channel.send_bytes(data)
        channel.send(kind="done")
    except Failure as failure:
        _report(channel, failure)
    except MemoryError as error:
        _report(channel, failure_of("memory", error))
    except SystemExit as request:
        flush_log()
        posix._exit(_exit_code(request))
    posix._exit(0)


def _close_strays():
    """Descriptors that whoever started the host left open would be open in here too."""
    for name in posix.listdir("/proc/self/fd"):
        if int(name) > FD_OUT:
            try:
                posix.close(int(name))
            except OSError:
                pass  # the one that listed the folder


def perform(channel, job):
    """The outputs of the job as a list of (name, bytes-like), its events sent on the way."""
    inputs = {name: _read(f"{INPUT_FOLDER}/{name}") for name in job["inputs"]}
    entry = job["entry"]
    run = find_run(load_worker(entry, job["libraries"]), entry)
    try:
        result = run(inputs, job["options"])
        if isinstance(result, _Generator):
            result = _drain(channel, result)
    except (Failure, SystemExit):
        raise
    except BaseException as error:
        raise failure_of("exception", error) from None
    return files_of(result)


def _drain(channel, generator):
    while True:
        try:
            item = next(generator)
        except StopIteration as stop:
            return stop.value
        for event in events_of(item):
            channel.send(**event)


def _read(path):
    with open(path, "rb", buffering=0) as file:
        return file.readall()


def _report(channel, failure):
    flush_log()
    channel.send(kind="failed", reason=failure.reason, message=failure.message, traceback=failure.traceback)


def _exit_code(request):
    if request.code is None:
        return 0
    return request.code & 0xFF if isinstance(request.code, int) else 1
