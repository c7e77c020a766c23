"""How a failure is told to the author: the reason, one sentence, and a traceback of the frames outside the runner."""

import sys

MESSAGE_CHARS_MAX = 2000
TRACEBACK_CHARS_MAX = 64_000

_NOT_THE_AUTHORS = ("/runner/", "<frozen ")
_MODULE_ROOT = "/module/"


class Failure(Exception):
    """Ends the job with a reason of the frame table; `cause` is what the author's code raised, if it did."""

    def __init__(self, reason, message, cause=None):
        super().__init__(message)
        self.reason = reason
        self.message = message[:MESSAGE_CHARS_MAX]
        self.traceback = format_traceback(cause) if cause is not None else ""


def failure_of(reason, error):
    """The failure that an exception of the author's code stands for."""
    if isinstance(error, MemoryError):
        return Failure("memory", describe(error))
    return Failure(reason, describe(error), error)


def named(value):
    """The type of a value, as a sentence names it."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"


# Without worker.native these are covered: the first kind cannot be started, the second lacks its libraries.
_MEDIA_TOOLS = frozenset(
    ("ffmpeg", "ffprobe", "ffplay", "convert", "identify", "mogrify", "composite", "montage", "compare", "magick", "vips")
    + ("vipsthumbnail", "vipsheader", "gs", "ghostscript")
)
_COULD_NOT_LOAD = 127


def _needs_native(error):
    """Whether the worker called a media tool that is not there for it."""
    tool = getattr(error, "filename", None)
    if not isinstance(error, (PermissionError, FileNotFoundError)):
        command = getattr(error, "cmd", None)
        tool = command[0] if command and isinstance(command, (list, tuple)) else command
        if getattr(error, "returncode", None) != _COULD_NOT_LOAD:
            return False
    return isinstance(tool, str) and tool.rpartition("/")[2].partition(" ")[0] in _MEDIA_TOOLS


def describe(error):
    try:
        text = str(error)
        if _needs_native(error):
            text += " (the media tools need the permission worker.native)"
    except Exception:
        text = "<str() of the exception failed>"
    if isinstance(error, SyntaxError) and error.filename:
        text = f"{error.msg} ({_shown_path(error.filename)}, line {error.lineno})"
    if isinstance(error, ModuleNotFoundError):
        text += "; libraries are those that dependencies.python of the manifest declares"
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def format_traceback(error):
    # Importing traceback costs more than starting Python, so only a failing job pays for it.
    try:
        import traceback

        report = traceback.TracebackException(type(error), error, error.__traceback__)
        _keep_authors_frames(report, set())
        text = "".join(report.format()).replace(f'File "{_MODULE_ROOT}', 'File "')
    except Exception:
        text = f"{describe(error)} (and its traceback could not be shown)\n"
    return text[-TRACEBACK_CHARS_MAX:]


def _keep_authors_frames(report, seen):
    if report is None or id(report) in seen:
        return
    seen.add(id(report))
    report.stack[:] = [frame for frame in report.stack if not frame.filename.startswith(_NOT_THE_AUTHORS)]
    _keep_authors_frames(report.__cause__, seen)
    _keep_authors_frames(report.__context__, seen)
    for inner in report.exceptions or ():
        _keep_authors_frames(inner, seen)


def _shown_path(path):
    return path.removeprefix(_MODULE_ROOT)


def flush_log():
    """What the author printed comes before the news of how it ended; the author may have closed or replaced both."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
