def tick(ctx):
    raise RuntimeError("always")
