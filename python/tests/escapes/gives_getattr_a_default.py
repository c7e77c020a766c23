"""The default must not turn a refusal into an answer."""


def tick(ctx):
    found = getattr(tick, "__globals__", None)
    return found
