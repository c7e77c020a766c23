def setup(ctx):
    ctx.log.info("set up")
    ctx.state.set("count", 0)


def tick(ctx):
    count = ctx.state.get("count", 0) + 1
    ctx.state.set("count", count)
    print("tick", count)
    if count == 2:
        raise ValueError("the second one")


def on_error(ctx, error):
    ctx.log.warn(f"{type(error).__name__}: {error}")
