"""ctx.log: messages go to the host in batches, and at the end of each tick."""

MESSAGE_CHARS_MAX = 4000
BATCH_MAX = 20


def make_log(host):
    """The members of ctx.log, and a function that takes what the program prints."""
    waiting = []

    def flush():
        """Sends what is waiting."""
        batch, waiting[:] = waiting[:], []
        if batch:
            host.must("log.write", entries=batch)

    def write(level, message):
        text = message if type(message) is str else str(message)
        waiting.append({"level": level, "message": _whole(text[:MESSAGE_CHARS_MAX])})
        if len(waiting) >= BATCH_MAX:
            flush()

    members = {
        "info": lambda message: write("info", message),
        "warn": lambda message: write("warn", message),
        "warning": lambda message: write("warn", message),
        "error": lambda message: write("error", message),
        "debug": lambda message: write("debug", message),
        "flush": flush,
    }
    return members, members["info"]


def _whole(text):
    """Half a surrogate pair has no place in a frame."""
    return str.encode(text, "utf-8", "replace").decode("utf-8")
