class Timer:
    def __init__(self, name):
        self.name = name
        self.events = []

    def __enter__(self):
        self.events.append("in")
        return self

    def __exit__(self, kind, error, traceback):
        self.events.append("out" if error is None else type(error).__name__)
        return True


def tick(ctx):
    with Timer("a") as first, Timer("b") as second:
        first.events.append(second.name)
        raise ValueError("x")
    return first.events, second.events
