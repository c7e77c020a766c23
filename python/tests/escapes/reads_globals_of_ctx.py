"""The functions of ctx belong to the runner."""


def tick(ctx):
    return ctx.log.info.__globals__
