"""And so is ctx."""


def tick(ctx):
    ctx.log = "escaped"
    return ctx.log
