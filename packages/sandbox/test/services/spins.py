def tick(ctx):
    while True:
        pass
