"""What ctx keeps to itself."""


def tick(ctx):
    return ctx._channel
