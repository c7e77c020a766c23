"""One sealed job, then the process ends: `run` of the author's worker gets bytes and returns files, `run_streaming` gets
two folders and leaves its files in the second."""

import posix
import sys

from hanabi_runner.entry import find_entry, takes_ctx
from hanabi_runner.failure import Failure, failure_of, flush_log, named
from hanabi_runner.loader import load_worker
from hanabi_runner.outputs import events_of, files_of
from hanabi_runner.wire import FD_OUT, Channel, WireError

INPUT_FOLDER = "/in"
OUTPUT_FOLDER = "/out"

# The host makes a safe leaf of a name; this only keeps an absurd one inside a frame.
NAME_CHARS_MAX = 4096

# Compared by identity of type: collections.abc and inspect cost more than the job.
_Generator = type((lambda: (yield))())


async def _unawaited():
    pass


_coroutine = _unawaited()
_Coroutine = type(_coroutine)
_coroutine.close()


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
    if job["kind"] == "service":
        from hanabi_runner.profiles.service import serve

        serve(channel, job)
    if job["kind"] == "workflow":
        from hanabi_runner.profiles.workflow import begin_anew

        begin_anew(job)
    try:
        files = _activity(channel, job) if job["kind"] == "activity" else perform(channel, job)
        flush_log()
        if files is None:
            channel.send(kind="collect")
            posix._exit(0)
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
    """The outputs of the job as a list of (name, bytes-like), or None where the host finds them in the output folder. Its events are sent on the way."""
    entry = job["entry"]
    function, streaming = find_entry(load_worker(entry, job["libraries"]), entry)
    if streaming:
        given = (INPUT_FOLDER, OUTPUT_FOLDER, job["options"])
    else:
        given = ({name: _read(f"{INPUT_FOLDER}/{name}") for name in job["inputs"]}, job["options"])
    if takes_ctx(function, len(given)):
        # Most workers do without it, so only those that name it wait for it to be loaded.
        from hanabi_runner.ctx.context import Context

        given = (*given, Context(channel))
    try:
        result = function(*given)
        if isinstance(result, _Generator):
            result = _drain(channel, result)
        elif isinstance(result, _Coroutine):
            # Nobody awaits it, of which Python would complain with a line of this file.
            result.close()
    except (Failure, SystemExit):
        raise
    except BaseException as error:
        raise failure_of("exception", error) from None
    if not streaming:
        return files_of(result)
    if result is not None:
        print(f"run_streaming returned {named(result)}, which is not used: outputs are the files in {OUTPUT_FOLDER}")
    return None


def _activity(channel, job):
    from hanabi_runner.profiles.workflow import run_activity

    return run_activity(channel, job)


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
