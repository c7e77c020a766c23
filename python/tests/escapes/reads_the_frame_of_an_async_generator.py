"""And an asynchronous generator."""


async def later():
    yield 1


def tick(ctx):
    return later().ag_frame
