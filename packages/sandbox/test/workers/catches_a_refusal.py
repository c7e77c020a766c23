import json


def run(inputs, options, ctx=None):
    refusals = []
    for url in options["urls"]:
        try:
            ctx.fetch(url)
        except ctx.FetchError as error:
            refusals.append([error.code, str(error), type(error).__name__])
    return {"refusals.json": json.dumps(refusals)}
