def run(inputs, options):
    yield "half done"
    return {}
