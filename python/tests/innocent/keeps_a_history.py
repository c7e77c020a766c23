HISTORY_MAX = 3


def tick(ctx):
    for value in range(5):
        history = ctx.state.get("history", [])
        history.append({"n": value, "squares": [value**2]})
        ctx.state.set("history", history[-HISTORY_MAX:])
    ctx.state.set("gone", 1)
    ctx.state.delete("gone")
    return ctx.state.get("history"), sorted(ctx.state.keys()), ctx.state.get("gone"), ctx.state.get_all()
