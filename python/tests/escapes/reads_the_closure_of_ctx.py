"""What the functions of ctx hold is in their cells."""


def tick(ctx):
    return ctx.log.info.__closure__[0].cell_contents
