"""breakpoint imports what an environment variable names."""


def tick(ctx):
    return breakpoint
