import json


def run(inputs, options):
    return {**inputs, "options.json": json.dumps(options)}
