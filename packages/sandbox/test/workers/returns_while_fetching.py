import threading


def run(inputs, options, ctx):
    threading.Thread(target=ctx.fetch, args=(options["slow"],), daemon=True).start()
    ctx.fetch(options["quick"])
    return {"out.txt": "done"}
