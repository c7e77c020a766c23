def tick(ctx):
    hoard = []
    while True:
        hoard.append("x" * 1000000 + str(len(hoard)))
