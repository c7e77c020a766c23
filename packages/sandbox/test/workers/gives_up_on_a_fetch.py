import signal


def run(inputs, options, ctx):
    def give_up(*_):
        raise TimeoutError("my own patience")

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        ctx.fetch(options["slow"])
        return {"out.txt": "the slow one answered"}
    except TimeoutError as error:
        return {"out.txt": f"{error}, then {ctx.fetch(options['quick'])['body'].decode()}"}
