def tick(ctx):
    count = ctx.state.get("count", 0) + 1
    ctx.state.set("count", count)
    while count == 3:
        pass
