def run(inputs, options):
    return {"a": 1}
