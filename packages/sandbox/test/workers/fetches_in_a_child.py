import os


def run(inputs, options, ctx):
    ctx.fetch(options["url"])
    told, tell = os.pipe()
    if os.fork() == 0:
        try:
            ctx.fetch(options["url"])
        except Exception as error:
            os.write(tell, f"{type(error).__name__}: {error}".encode())
        os._exit(0)
    os.wait()
    return {"child.txt": os.read(told, 1000), "again": ctx.fetch(options["url"])["body"]}
