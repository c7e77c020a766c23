import functools


def retried(times):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(times):
                try:
                    return function(*args, **kwargs)
                except ValueError as error:
                    last = str(error)
            return {"error": last, "attempts": times}

        return wrapper

    return decorate


calls = []


@retried(3)
def fragile(value):
    """Fails twice."""
    calls.append(value)
    if len(calls) < 2:
        raise ValueError(f"not yet {value}")
    return value * 2


def tick(ctx):
    return fragile(4), fragile.__name__, fragile.__doc__, len(calls)
